"use client";

import { Card } from "@/components/ui/card";
import { JsonBlock } from "@/components/ui/json-block";
import { useMay } from "@/lib/session/session";
import type { Tool } from "@/features/tools/api";
import { DefinitionDiff } from "@/features/tools/diff/definition-diff";
import { Flags } from "@/features/tools/flags";
import { Revealed } from "@/components/revealed";
import { SchemaView } from "@/features/tools/schema/schema-view";
import { AccessCard } from "./access-card";
import { ClassificationCard } from "./classification-card";
import { PermissionsCard } from "./permissions-card";
import { SeenCard } from "./seen-card";

export function ToolBody({ tool }: { tool: Tool }) {
  const mayPolicies = useMay("policies:read");
  const drifted = tool.approved_hash !== null && tool.approved_hash !== tool.schema_hash;
  return (
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_26rem]">
      <div className="flex min-w-0 flex-col gap-5">
        <Flags flags={tool.flags} />
        {drifted && (
          <Card title="What changed" description="Since the definition was approved">
            <DefinitionDiff tool={tool} />
          </Card>
        )}
        <Card title="Description" description="As the server writes it and a model reads it">
          <p className="max-w-prose text-sm break-words whitespace-pre-wrap">
            {tool.description ? <Revealed text={tool.description} /> : "There is none."}
          </p>
        </Card>
        <Card title="Input">
          <SchemaView label="Input" schema={tool.input_schema} nothing="It takes no arguments." />
        </Card>
        <Card title="Output">
          <SchemaView
            label="Output"
            schema={tool.output_schema}
            nothing="The server does not say what it gives back."
          />
        </Card>
        {tool.annotations && (
          <Card title="Annotations" description="Hints of the server about itself; it may be wrong">
            <JsonBlock label="Annotations" value={tool.annotations} />
          </Card>
        )}
      </div>
      <div className="flex min-w-0 flex-col gap-5">
        <ClassificationCard tool={tool} />
        <AccessCard tool={tool} />
        {mayPolicies && <PermissionsCard tool={tool} />}
        <SeenCard tool={tool} />
      </div>
    </div>
  );
}
