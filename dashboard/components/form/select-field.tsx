import type { ComponentProps } from "react";
import { inputClass } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { Labelled, type LabelledProps } from "./labelled";

export interface Option<Value extends string = string> {
  value: Value;
  name: string;
}

interface Props<Value extends string>
  extends LabelledProps, Omit<ComponentProps<"select">, keyof LabelledProps | "children" | "onChange"> {
  value: Value;
  options: readonly Option<Value>[];
  onChange: (value: Value) => void;
  /** What stands there while nothing is chosen. */
  placeholder?: string;
}

/** One of several. The browser's own, which every keyboard and reader knows. */
export function SelectField<Value extends string>(props: Props<Value>) {
  const { label, hint, problem, className, options, onChange, placeholder, ...select } = props;
  return (
    <Labelled label={label} hint={hint} problem={problem} className={className}>
      {(wiring) => (
        <select
          {...wiring}
          onChange={(event) => onChange(event.target.value as Value)}
          className={cn(inputClass, "pr-1")}
          {...select}
        >
          {placeholder !== undefined && <option value="">{placeholder}</option>}
          {options.map(({ value, name }) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}
