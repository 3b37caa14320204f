import { useId, type ComponentProps, type ReactNode } from "react";
import { inputClass } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { Told } from "./told";

interface Props extends ComponentProps<"textarea"> {
  label: ReactNode;
  hint?: ReactNode;
  problem?: string;
  /** For code and keys. */
  mono?: boolean;
}

/** A labelled text of several lines. */
export function TextAreaField({ label, hint, problem, mono, className, ...area }: Props) {
  const id = useId();
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <textarea
        id={id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem || hint ? `${id}-told` : undefined}
        className={cn(inputClass, "!h-auto min-h-16 py-1.5", mono && "font-mono !text-xs !leading-5")}
        {...(mono && { spellCheck: false, autoCapitalize: "none", autoComplete: "off" })}
        {...area}
      />
      <Told id={id} hint={hint} problem={problem} />
    </div>
  );
}
