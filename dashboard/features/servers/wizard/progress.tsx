import { Check } from "lucide-react";
import { cn } from "@/lib/cn";
import { STEPS, type Step } from "./steps";

/** Where one is on the way. */
export function Progress({ step }: { step: Step }) {
  const now = STEPS.findIndex(({ key }) => key === step);
  return (
    <ol aria-label="Steps" className="flex flex-wrap gap-x-5 gap-y-2 text-sm">
      {STEPS.map(({ key, name }, at) => (
        <li
          key={key}
          aria-current={at === now ? "step" : undefined}
          className={cn("flex items-center gap-2", at === now ? "font-medium" : "text-ink-3")}
        >
          <span
            aria-hidden
            className={cn(
              "flex size-5 items-center justify-center rounded-full border text-xs tabular-nums",
              at === now && "border-ink bg-ink text-canvas",
            )}
          >
            {at < now ? <Check className="size-3" /> : at + 1}
          </span>
          {name}
          {at < now && <span className="sr-only">, done</span>}
        </li>
      ))}
    </ol>
  );
}
