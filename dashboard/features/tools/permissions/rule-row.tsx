import { Trash2 } from "lucide-react";
import { SelectField, type Option } from "@/components/form/select-field";
import { TextAreaField } from "@/components/form/text-area-field";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import type { RuleDraft } from "./draft";
import { isOfTexts } from "./rule-values";

const OPS: Option<RuleDraft["op"]>[] = [
  { value: "eq", name: "is" },
  { value: "in", name: "is one of" },
  { value: "not_in", name: "is none of" },
  { value: "prefix", name: "begins with one of" },
  { value: "glob", name: "fits one of" },
];

const LOOKS_LIKE = "Numbers, true, false and null are what they look like; within quotes they are texts.";

function hintOf(op: RuleDraft["op"]): string {
  if (op === "glob") return "A pattern on each line; * stands for any letters.";
  if (isOfTexts(op)) return "A text on each line.";
  return op === "eq" ? `One value. ${LOOKS_LIKE}` : `A value on each line. ${LOOKS_LIKE}`;
}

interface Props {
  /** “Rule 1”. */
  name: string;
  rule: RuleDraft;
  /** The list of arguments to choose from. */
  suggestions: string;
  about: (part: "pointer" | "values") => string | undefined;
  onChange: (changes: Partial<RuleDraft>) => void;
  onRemove: () => void;
}

/** What one argument has to be. */
export function RuleRow({ name, rule, suggestions, about, onChange, onRemove }: Props) {
  return (
    <fieldset className="min-w-0 rounded-lg border p-3">
      <legend className="px-1 text-sm text-ink-2">{name}</legend>
      <div className="flex items-start gap-2">
        <div className="grid min-w-0 grow items-start gap-3 lg:grid-cols-[minmax(0,1fr)_11rem]">
          <Field
            label="Argument"
            required
            list={suggestions}
            autoCapitalize="none"
            spellCheck={false}
            placeholder="/repo"
            value={rule.pointer}
            onChange={(event) => onChange({ pointer: event.target.value })}
            hint="A JSON Pointer: /repo, or /options/0 for what is within"
            problem={about("pointer")}
          />
          <SelectField label="Comparison" value={rule.op} options={OPS} onChange={(op) => onChange({ op })} />
          <TextAreaField
            code
            required
            className="lg:col-span-2"
            label={rule.op === "eq" ? "Value" : "Values"}
            rows={rule.op === "eq" ? 1 : 3}
            value={rule.values}
            onChange={(event) => onChange({ values: event.target.value })}
            hint={hintOf(rule.op)}
            problem={about("values")}
          />
        </div>
        <IconButton label={`Remove ${name.toLowerCase()}`} onClick={onRemove}>
          <Trash2 aria-hidden />
        </IconButton>
      </div>
    </fieldset>
  );
}
