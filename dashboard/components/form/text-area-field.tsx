import type { ComponentProps } from "react";
import { inputClass } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { Labelled, type LabelledProps } from "./labelled";

interface Props extends LabelledProps, Omit<ComponentProps<"textarea">, keyof LabelledProps> {
  /** Code, JSON, patterns, keys: letters of one width, and nobody corrects them. */
  code?: boolean;
}

const AS_WRITTEN = { spellCheck: false, autoCapitalize: "none", autoComplete: "off" };

/** Text of several lines. */
export function TextAreaField({ label, hint, problem, className, code, rows = 3, ...area }: Props) {
  return (
    <Labelled label={label} hint={hint} problem={problem} className={className}>
      {(wiring) => (
        <textarea
          {...wiring}
          rows={rows}
          className={cn(inputClass, "h-auto resize-y py-1.5", code && "font-mono !text-xs !leading-5")}
          {...(code && AS_WRITTEN)}
          {...area}
        />
      )}
    </Labelled>
  );
}
