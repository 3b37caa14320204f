"use client";

import { Card } from "@/components/ui/card";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { useMay } from "@/lib/session/session";
import type { Span } from "@/features/traces/api";
import { nameOf } from "@/features/traces/caller";
import { SpanAttributes } from "./span-attributes";
import { SpanPayload } from "./span-payload";

/** One span in full. */
export function SpanPanel({ span }: { span: Span }) {
  const withPayload = useMay("traces:payloads") && span.is_root;
  return (
    <Card
      flush
      title={nameOf(span)}
      description={`${span.operation_name} on ${span.mcp_server}`}
      className="xl:sticky xl:top-6"
    >
      <Tabs defaultValue="attributes">
        <TabsList aria-label="About this span">
          <TabsTrigger value="attributes">Attributes</TabsTrigger>
          {withPayload && <TabsTrigger value="payload">Payload</TabsTrigger>}
        </TabsList>
        <TabsContent value="attributes" className="px-4 py-4 sm:px-5">
          <SpanAttributes span={span} />
        </TabsContent>
        {withPayload && (
          <TabsContent value="payload" className="px-4 py-4 sm:px-5">
            <SpanPayload span={span} />
          </TabsContent>
        )}
      </Tabs>
    </Card>
  );
}
