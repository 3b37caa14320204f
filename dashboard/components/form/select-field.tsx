import { inputClass } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { Labelled, type LabelledProps } from "./labelled";

export interface Option<Value extends string = string> {
  value: Value;
  name: string;
}

interface Props<Value extends string> extends LabelledProps {
  value: Value;
  options: readonly Option<Value>[];
  onChange: (value: Value) => void;
  required?: boolean;
  disabled?: boolean;
  /** What stands there while nothing is chosen. */
  placeholder?: string;
}

/** One of several. The browser's own, which every keyboard and reader knows. */
export function SelectField<Value extends string>({
  value,
  options,
  onChange,
  required,
  disabled,
  placeholder,
  ...labelled
}: Props<Value>) {
  return (
    <Labelled {...labelled}>
      {(wiring) => (
        <select
          {...wiring}
          value={value}
          required={required}
          disabled={disabled}
          onChange={(event) => onChange(event.target.value as Value)}
          className={cn(inputClass, "pr-1")}
        >
          {placeholder !== undefined && <option value="">{placeholder}</option>}
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.name}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}
