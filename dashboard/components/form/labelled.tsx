import { useId, type ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Told } from "./told";

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

/** A label above a control and what is to be said about it below; the control takes the wiring. */
export function Labelled({
  label,
  hint,
  problem,
  className,
  children,
}: LabelledProps & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  return (
    <div className={cn("flex min-w-0 flex-col gap-1.5", className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({
        id,
        "aria-invalid": problem ? true : undefined,
        "aria-describedby": (problem ?? hint) ? `${id}-told` : undefined,
      })}
      <Told id={id} hint={hint} problem={problem} />
    </div>
  );
}
