"use client";

import { Plus } from "lucide-react";
import { useId, useMemo } from "react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { withRule, type RuleDraft } from "./draft";
import type { FieldsProps } from "./permission-form";
import { pointersOf } from "./pointers";
import { RuleRow } from "./rule-row";
import { Suggestions } from "./suggestions";
import { useServerTools } from "./use-server-tools";

const MOST = 20;

interface Props extends Pick<FieldsProps, "draft" | "put"> {
  /** What is wrong with a part of a rule. */
  aboutRule: (rule: RuleDraft, part: "pointer" | "values") => string | undefined;
}

/** With which arguments; the tool's own are proposed where it is one tool. */
export function RuleFields({ draft, put, aboutRule }: Props) {
  const id = useId();
  const tool = useServerTools(draft.mcp_server).find(({ name }) => name === draft.tool_name);
  const pointers = useMemo(() => pointersOf(tool?.input_schema), [tool]);
  const rules = draft.argument_rules;
  const set = (next: RuleDraft[]) => put("argument_rules", next);
  return (
    <Card title="Arguments" description="All of the rules have to fit. None: whatever the arguments are">
      <div className="flex flex-col gap-4">
        {rules.map((rule, at) => (
          <RuleRow
            key={rule.id}
            name={`Rule ${at + 1}`}
            rule={rule}
            suggestions={id}
            about={(part) => aboutRule(rule, part)}
            onChange={(changes) =>
              set(rules.map((one) => (one.id === rule.id ? { ...one, ...changes } : one)))
            }
            onRemove={() => set(rules.filter((one) => one.id !== rule.id))}
          />
        ))}
        {rules.length < MOST && (
          <Button className="self-start" onClick={() => set(withRule(rules))}>
            <Plus aria-hidden className="text-ink-3" />
            Add a rule
          </Button>
        )}
        <Suggestions id={id} values={pointers} />
      </div>
    </Card>
  );
}
