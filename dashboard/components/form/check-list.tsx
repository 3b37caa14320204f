import { useId, type ReactNode } from "react";
import { cn } from "@/lib/cn";
import { CheckField } from "./check-field";
import { Told } from "./told";

interface Option {
  value: string;
  name: string;
  hint?: ReactNode;
}

interface Props {
  label: string;
  hint?: ReactNode;
  problem?: string;
  options: readonly Option[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  disabled?: boolean;
  className?: string;
}

/** Any of several, each with what it means. */
export function CheckList({ label, hint, problem, options, chosen, onChange, disabled, className }: Props) {
  const id = useId();
  return (
    <fieldset
      disabled={disabled}
      aria-describedby={(problem ?? hint) ? `${id}-told` : undefined}
      className="min-w-0"
    >
      <legend className="mb-1.5 text-sm font-medium">{label}</legend>
      <div className={cn("grid gap-x-5 gap-y-2.5", className)}>
        {options.map((option) => (
          <CheckField
            key={option.value}
            label={option.name}
            hint={option.hint}
            checked={chosen.includes(option.value)}
            // In the order of the options, whichever was ticked last.
            onChange={(on) =>
              onChange(
                options
                  .map(({ value }) => value)
                  .filter((value) => (value === option.value ? on : chosen.includes(value))),
              )
            }
          />
        ))}
      </div>
      <div className="mt-1.5">
        <Told id={id} hint={hint} problem={problem} />
      </div>
    </fieldset>
  );
}
