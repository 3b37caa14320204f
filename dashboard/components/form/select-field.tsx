import { useId, type ComponentProps, type ReactNode } from "react";
import { inputClass } from "@/components/ui/field";
import { cn } from "@/lib/cn";
import { Told } from "./told";

interface Props extends Omit<ComponentProps<"select">, "onChange"> {
  label: ReactNode;
  hint?: ReactNode;
  problem?: string;
  options: readonly { value: string; name: string }[];
  onChoose: (value: string) => void;
}

/** A labelled choice of one. */
export function SelectField({ label, hint, problem, options, onChoose, className, ...select }: Props) {
  const id = useId();
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <select
        id={id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem || hint ? `${id}-told` : undefined}
        className={inputClass}
        onChange={(event) => onChoose(event.target.value)}
        {...select}
      >
        {options.map(({ value, name }) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      <Told id={id} hint={hint} problem={problem} />
    </div>
  );
}
