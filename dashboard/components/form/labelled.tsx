import { useId, type ReactNode } from "react";
import { cn } from "@/lib/cn";

export interface LabelledProps {
  label: ReactNode;
  hint?: ReactNode;
  problem?: string;
  className?: string;
}

interface Wiring {
  id: string;
  "aria-invalid"?: true;
  "aria-describedby"?: string;
}

/** A label above a control, a hint or what is wrong below it. */
export function Labelled({
  label,
  hint,
  problem,
  className,
  children,
}: LabelledProps & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const told = problem ?? hint;
  return (
    <div className={cn("flex min-w-0 flex-col gap-1.5", className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({
        id,
        "aria-invalid": problem ? true : undefined,
        "aria-describedby": told ? `${id}-told` : undefined,
      })}
      {told && <Told id={`${id}-told`} told={told} wrong={problem !== undefined} />}
    </div>
  );
}

export function Told({ id, told, wrong }: { id: string; told: ReactNode; wrong: boolean }) {
  return (
    <p id={id} className={cn("text-sm break-words", wrong ? "text-bad" : "text-ink-3")}>
      {told}
    </p>
  );
}
