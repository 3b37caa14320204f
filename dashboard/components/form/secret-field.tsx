import { Field } from "@/components/ui/field";
import { CheckField } from "./check-field";

interface Props {
  label: string;
  hint: string;
  problem?: string;
  required: boolean;
  /** Whether there is one already, which nobody can read. */
  isSet: boolean;
  value: string;
  onChange: (value: string) => void;
  /** For what can do without it. */
  dropped?: boolean;
  onDrop?: (dropped: boolean) => void;
}

/** A secret, which is written and never read: empty, the one that is there stays. */
export function SecretField(props: Props) {
  const { label, hint, problem, required, isSet, value, onChange, dropped = false, onDrop } = props;
  return (
    <div className="flex flex-col gap-2">
      <Field
        label={label}
        type="password"
        autoComplete="new-password"
        spellCheck={false}
        required={required && !isSet}
        disabled={dropped}
        placeholder={isSet ? "Set. Leave empty to keep it" : undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        hint={hint}
        problem={problem}
      />
      {isSet && onDrop && !required && (
        <CheckField label={`Remove the ${label.toLowerCase()}`} checked={dropped} onChange={onDrop} />
      )}
    </div>
  );
}
