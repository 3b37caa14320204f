import { inputClass } from "@/components/ui/field";
import { cn } from "@/lib/cn";

interface Props {
  label: string;
  value: string | undefined;
  onChange: (value: string | null) => void;
  choices: readonly { value: string; name: string }[];
}

/** One of few values to filter by, or any. */
export function SelectFilter({ label, value = "", onChange, choices }: Props) {
  return (
    <select
      aria-label={label}
      className={cn(inputClass, "!w-auto max-w-full")}
      value={value}
      onChange={({ target }) => onChange(target.value || null)}
    >
      <option value="">{`${label}: any`}</option>
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.name}
        </option>
      ))}
    </select>
  );
}

export const ON_OR_OFF = [
  { value: "true", name: "On" },
  { value: "false", name: "Off" },
];
