"use client";

import { useId } from "react";
import { SelectField } from "@/components/form/select-field";
import { Card } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { SubjectField, SUBJECTS } from "@/features/tools/subject-field";
import { useDirectory } from "@/lib/directory/directory";
import type { FieldsProps } from "./permission-form";
import { Suggestions } from "./suggestions";
import { useServerTools } from "./use-server-tools";

const EFFECTS = [
  { value: "allow", name: "May call" },
  { value: "deny", name: "May not call" },
] as const;

/** Who may or may not call which tools. */
export function TargetFields({ draft, put, about }: FieldsProps) {
  const id = useId();
  const servers = useDirectory("server");
  const tools = useServerTools(draft.mcp_server);
  return (
    <Card title="Who and what">
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <SelectField
          label="For a"
          value={draft.subject_type}
          options={SUBJECTS}
          onChange={(type) => {
            put("subject_type", type);
            put("subject_id", "");
          }}
          problem={about("subject_type")}
        />
        <SubjectField
          kind={draft.subject_type}
          value={draft.subject_id}
          onChange={(subject) => put("subject_id", subject)}
          problem={about("subject_id")}
        />
        <SelectField
          className="sm:col-span-2"
          label="They"
          value={draft.effect}
          options={EFFECTS}
          onChange={(effect) => put("effect", effect)}
          problem={about("effect")}
        />
        <Field
          label="Server"
          required
          maxLength={100}
          list={`${id}-servers`}
          autoCapitalize="none"
          spellCheck={false}
          value={draft.mcp_server}
          onChange={(event) => put("mcp_server", event.target.value)}
          hint="Its name; * stands for any letters"
          problem={about("mcp_server")}
        />
        <Field
          label="Tool"
          required
          maxLength={255}
          list={`${id}-tools`}
          autoCapitalize="none"
          spellCheck={false}
          value={draft.tool_name}
          onChange={(event) => put("tool_name", event.target.value)}
          hint="As the server names it, without the server before it: delete_*"
          problem={about("tool_name")}
        />
      </div>
      <Suggestions id={`${id}-servers`} values={(servers.all ?? []).map(({ name }) => name)} />
      <Suggestions id={`${id}-tools`} values={tools.flatMap(({ name }) => name ?? [])} />
    </Card>
  );
}
