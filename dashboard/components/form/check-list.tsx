import { useId, type ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Told } from "./labelled";

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
  const told = problem ?? hint;
  return (
    <fieldset disabled={disabled} aria-describedby={told ? `${id}-told` : undefined} className="min-w-0">
      <legend className="mb-1.5 text-sm font-medium">{label}</legend>
      <div className={cn("grid gap-x-5 gap-y-2.5", className)}>
        {options.map((option) => (
          <CheckBox
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
      {told && (
        <div className="mt-1.5">
          <Told id={`${id}-told`} told={told} wrong={problem !== undefined} />
        </div>
      )}
    </fieldset>
  );
}

interface CheckBoxProps {
  label: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}

export function CheckBox({ label, hint, checked, onChange, disabled }: CheckBoxProps) {
  return (
    <label className="flex min-w-0 items-start gap-2 text-sm">
      <input
        type="checkbox"
        className="mt-0.5 size-4 shrink-0 accent-accent"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className="min-w-0">
        {label}
        {hint && <span className="block text-ink-3">{hint}</span>}
      </span>
    </label>
  );
}
