import type { ComponentProps } from "react";
import { inputClass } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { Labelled, type LabelledProps } from "./labelled";

type Props = LabelledProps & Omit<ComponentProps<"textarea">, keyof LabelledProps>;

export function TextAreaField({ label, hint, problem, className, rows = 3, ...rest }: Props) {
  return (
    <Labelled label={label} hint={hint} problem={problem} className={className}>
      {(wiring) => (
        <textarea {...wiring} rows={rows} className={cn(inputClass, "h-auto resize-y py-1.5")} {...rest} />
      )}
    </Labelled>
  );
}
