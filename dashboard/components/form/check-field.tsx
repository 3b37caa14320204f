import { useId, type ReactNode } from "react";
import { Told } from "./told";

interface Props {
  label: ReactNode;
  hint?: ReactNode;
  problem?: string;
  checked: boolean;
  disabled?: boolean;
  onCheck: (checked: boolean) => void;
}

/** A labelled yes or no. */
export function CheckField({ label, hint, problem, checked, disabled, onCheck }: Props) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        aria-describedby={problem || hint ? `${id}-told` : undefined}
        onChange={(event) => onCheck(event.target.checked)}
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
