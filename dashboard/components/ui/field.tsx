import { useId, type ComponentProps, type ReactNode } from "react";
import { cn } from "@/lib/cn";

export const inputClass = cn(
  "h-8 w-full min-w-0 rounded-md border border-edge bg-surface px-2.5 text-sm text-ink -outline-offset-1 transition-colors",
  "hover:border-edge disabled:opacity-50 aria-invalid:border-bad",
);

interface Props extends ComponentProps<"input"> {
  label: ReactNode;
  hint?: ReactNode;
  problem?: string;
  large?: boolean;
}

/** A labelled input, with a hint or with what is wrong. */
export function Field({ label, hint, problem, large, className, ...input }: Props) {
  const id = useId();
  const told = problem ?? hint;
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={told ? `${id}-told` : undefined}
        className={cn(inputClass, large && "h-10 rounded-lg px-3 text-base")}
        {...input}
      />
      {told && (
        <p id={`${id}-told`} className={cn("text-sm", problem ? "text-bad" : "text-ink-3")}>
          {told}
        </p>
      )}
    </div>
  );
}
