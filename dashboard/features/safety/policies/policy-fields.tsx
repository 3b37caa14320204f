import { CheckField } from "@/components/form/check-field";
import { CheckList } from "@/components/form/check-list";
import { SelectField } from "@/components/form/select-field";
import { TextAreaField } from "@/components/form/text-area-field";
import { Card } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import {
  DETECTORS,
  DIRECTIONS,
  MODES,
  SENSITIVITIES,
  SEVERITIES,
  type Word,
} from "@/features/safety/vocabulary";
import { problemAbout } from "@/lib/api/problem-about";
import type { ApiError } from "@/lib/api/problem";
import type { Draft } from "./draft";

/** Those that say themselves what is wrong with them. */
export const FIELDS = [
  "name",
  "description",
  "enabled",
  "mode",
  "sensitivity",
  "min_severity",
  "detectors",
  "directions",
  "mcp_servers",
  "tools",
  "patterns",
];

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
  problem: ApiError | null;
  disabled: boolean;
}

export function PolicyFields({ draft, onChange, problem, disabled }: Props) {
  const set = (changes: Partial<Draft>) => onChange({ ...draft, ...changes });
  const text = (
    name: "name" | "description" | "mcp_servers" | "tools" | "block" | "allow",
    field: string = name,
  ) => ({
    value: draft[name],
    onChange: (event: { target: { value: string } }) => set({ [name]: event.target.value }),
    problem: problemAbout(problem, field),
    disabled,
  });
  const choice = (name: "mode" | "sensitivity" | "min_severity", words: readonly Word[]) => ({
    value: draft[name],
    options: words,
    onChange: (value: string) => set({ [name]: value }),
    hint: words.find(({ value }) => value === draft[name])?.hint,
    problem: problemAbout(problem, name),
    disabled,
  });
  const list = (name: "detectors" | "directions", words: readonly Word[]) => ({
    chosen: draft[name],
    options: words,
    onChange: (chosen: string[]) => set({ [name]: chosen }),
    problem: problemAbout(problem, name),
    disabled,
  });

  return (
    <>
      <Card title="Policy">
        <div className="flex flex-col gap-4">
          <Field label="Name" required maxLength={100} {...text("name")} />
          <TextAreaField label="Description" rows={2} maxLength={1000} {...text("description")} />
          <CheckField
            label="On"
            hint="Off, it looks at nothing, and can still be tried."
            checked={draft.enabled}
            onChange={(enabled) => set({ enabled })}
            disabled={disabled}
          />
        </div>
      </Card>
      <Card title="What is done">
        <div className="grid gap-4 sm:grid-cols-3">
          <SelectField label="When something is found" {...choice("mode", MODES)} />
          <SelectField label="Sensitivity" {...choice("sensitivity", SENSITIVITIES)} />
          <SelectField label="From which severity on" {...choice("min_severity", SEVERITIES)} />
        </div>
      </Card>
      <Card title="What is looked for">
        <div className="flex flex-col gap-5">
          <CheckList label="Detectors" className="sm:grid-cols-2" {...list("detectors", DETECTORS)} />
          <div className="grid gap-4 lg:grid-cols-2">
            <TextAreaField
              code
              rows={5}
              label="Custom patterns"
              hint="A regular expression on each line, without backtracking; at most 100 of 512 characters."
              {...text("block", "patterns.block")}
            />
            <TextAreaField
              code
              rows={5}
              label="Patterns to let be"
              hint="A finding that overlaps with a match of one of these is dropped, whatever found it."
              {...text("allow", "patterns.allow")}
            />
          </div>
        </div>
      </Card>
      <Card title="Where">
        <div className="flex flex-col gap-5">
          <CheckList label="Surfaces" className="sm:grid-cols-3" {...list("directions", DIRECTIONS)} />
          <div className="grid gap-4 lg:grid-cols-2">
            <TextAreaField
              code
              rows={3}
              label="Servers"
              hint="A name on each line; * stands for any run of characters."
              {...text("mcp_servers")}
            />
            <TextAreaField code rows={3} label="Tools" hint="As with servers." {...text("tools")} />
          </div>
        </div>
      </Card>
    </>
  );
}
