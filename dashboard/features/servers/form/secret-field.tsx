import { Field } from "@/components/ui/field";

interface Props {
  label: string;
  /** One is stored: it is never shown, and stays unless another is typed. */
  isSet: boolean;
  value: string;
  onChange: (value: string) => void;
  problem?: string;
}

export function SecretField({ label, isSet, value, onChange, problem }: Props) {
  return (
    <Field
      label={label}
      type="password"
      // Else browsers offer the person's own password.
      autoComplete="new-password"
      required={!isSet}
      placeholder={isSet ? "••••••••" : undefined}
      hint={
        isSet ? "One is stored. Leave this empty to keep it." : "Stored encrypted, and never shown again."
      }
      value={value}
      onChange={(event) => onChange(event.target.value)}
      problem={problem}
    />
  );
}
