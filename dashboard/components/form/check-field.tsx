import { useId, type ReactNode } from "react";
import { Told } from "./told";

interface Props {
  label: ReactNode;
  hint?: ReactNode;
  problem?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}

/** Yes or no. */
export function CheckField({ label, hint, problem, checked, onChange, disabled }: Props) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        aria-describedby={(problem ?? hint) ? `${id}-told` : undefined}
        className="mt-0.5 size-4 shrink-0 accent-accent"
      />
      <div className="min-w-0">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        <Told id={id} hint={hint} problem={problem} />
      </div>
    </div>
  );
}
