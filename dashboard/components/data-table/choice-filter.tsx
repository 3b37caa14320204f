"use client";

import { inputClass } from "@/components/ui/field";
import { cn } from "@/lib/cn";

export const ON_OR_OFF = [
  { value: "true", name: "On" },
  { value: "false", name: "Off" },
];

interface Props {
  /** “Status”. */
  name: string;
  value: string | undefined;
  onChange: (value: string | null) => void;
  options: readonly { value: string; name: string }[];
}

/** One of a few values that are known without asking for them. */
export function ChoiceFilter({ name, value = "", onChange, options }: Props) {
  const isKnown = value === "" || options.some((option) => option.value === value);
  return (
    <select
      aria-label={name}
      value={value}
      onChange={(event) => onChange(event.target.value || null)}
      className={cn(
        inputClass,
        "!w-auto max-w-44 shrink-0",
        value ? "font-medium" : "border-dashed text-ink-2",
      )}
    >
      <option value="">Any {name.toLowerCase()}</option>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.name}
        </option>
      ))}
      {!isKnown && <option value={value}>{value}</option>}
    </select>
  );
}
