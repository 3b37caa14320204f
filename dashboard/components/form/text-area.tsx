import type { ComponentProps } from "react";
import { inputClass } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { Labelled, type LabelledProps } from "./labelled";

interface Props extends LabelledProps, Omit<ComponentProps<"textarea">, "className"> {
  /** For code, JSON and patterns: letters of one width, no spelling. */
  code?: boolean;
}

/** Text of several lines. */
export function TextArea({ label, hint, problem, className, code, rows = 3, ...rest }: Props) {
  return (
    <Labelled label={label} hint={hint} problem={problem} className={className}>
      {(wiring) => (
        <textarea
          {...wiring}
          rows={rows}
          spellCheck={code ? false : undefined}
          autoCapitalize={code ? "none" : undefined}
          className={cn(inputClass, "h-auto resize-y py-1.5", code && "font-mono !text-xs leading-5")}
          {...rest}
        />
      )}
    </Labelled>
  );
}
