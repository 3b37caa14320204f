import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

/** Below a field: what is wrong with it, or else what helps. The field names it by `<id>-told`. */
export function Told({ id, hint, problem }: { id: string; hint?: ReactNode; problem?: string }) {
  const told = problem ?? hint;
  if (!told) return null;
  return (
    <p id={`${id}-told`} className={cn("text-sm break-words", problem ? "text-bad" : "text-ink-3")}>
      {told}
    </p>
  );
}
