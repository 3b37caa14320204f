import type { ComponentProps } from "react";
import { inputClass } from "@/components/ui/field";
import { Labelled, type LabelledProps } from "./labelled";

export interface Choice {
  value: string;
  name: string;
}

interface Props extends LabelledProps, Omit<ComponentProps<"select">, "className" | "children" | "onChange"> {
  choices: readonly Choice[];
  onChange: (value: string) => void;
}

/** One of a few, by the browser's own list: it works with every keyboard and on every phone. */
export function Select({ label, hint, problem, className, choices, onChange, ...rest }: Props) {
  return (
    <Labelled label={label} hint={hint} problem={problem} className={className}>
      {(wiring) => (
        <select
          {...wiring}
          className={inputClass}
          onChange={(event) => onChange(event.target.value)}
          {...rest}
        >
          {choices.map(({ value, name }) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}
