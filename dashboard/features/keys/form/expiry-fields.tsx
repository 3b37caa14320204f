import { SelectField } from "@/components/form/select-field";
import { Field } from "@/components/ui/field";
import type { FieldsProps } from "./fields";

const CHOICES = [
  { value: "30", name: "In 30 days" },
  { value: "90", name: "In 90 days" },
  { value: "365", name: "In a year" },
  { value: "date", name: "On a day …" },
  { value: "never", name: "As late as is allowed" },
];

/** When the key ends. */
export function ExpiryFields({ values, change, about, isNew }: FieldsProps & { isNew: boolean }) {
  const options = isNew ? CHOICES : [{ value: "keep", name: "As it is" }, ...CHOICES];
  const onDay = values.expiry === "date";
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label="Expires"
        options={options}
        value={values.expiry}
        onChange={(expiry) => change({ expiry })}
        problem={onDay ? undefined : about("expires_at")}
        hint={
          values.expiry === "never"
            ? "Never, unless the settings bound how long keys live."
            : "It can be moved later, and a rotation may bring a new one."
        }
      />
      {onDay && (
        <Field
          label="Last day"
          type="date"
          required
          value={values.expires_on}
          onChange={(event) => change({ expires_on: event.target.value })}
          problem={about("expires_at")}
        />
      )}
    </div>
  );
}
