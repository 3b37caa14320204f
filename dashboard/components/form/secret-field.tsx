import { Field } from "@/components/ui/field";
import { CheckField } from "./check-field";

interface Props {
  label: string;
  /** Besides what is true of any secret. */
  hint?: string;
  problem?: string;
  required?: boolean;
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
  const { label, hint, problem, required = true, isSet, value, onChange, dropped = false, onDrop } = props;
  return (
    <div className="flex flex-col gap-2">
      <Field
        label={label}
        type="password"
        // Else browsers offer the person's own password.
        autoComplete="new-password"
        spellCheck={false}
        required={required && !isSet}
        disabled={dropped}
        placeholder={isSet ? "Set. Leave empty to keep it" : undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        hint={hint ?? (isSet ? undefined : "Stored encrypted, and never shown again.")}
        problem={problem}
      />
      {isSet && onDrop && !required && (
        <CheckField label={`Remove the ${label.toLowerCase()}`} checked={dropped} onChange={onDrop} />
      )}
    </div>
  );
}
