import { Card } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import type { FieldsProps } from "./permission-form";

/** How often and how long. */
export function LimitFields({ draft, put, about }: FieldsProps) {
  return (
    <Card title="Limits">
      <div className="grid items-start gap-4 sm:grid-cols-2">
        {draft.effect === "allow" && (
          <Field
            label="Uses a day"
            type="number"
            inputMode="numeric"
            min={1}
            max={1_000_000}
            value={draft.max_uses_per_day}
            onChange={(event) => put("max_uses_per_day", event.target.value)}
            hint={
              draft.subject_type === "team"
                ? "Of a UTC day, by the whole team. Empty: any number"
                : "Of a UTC day. Empty: any number"
            }
            problem={about("max_uses_per_day")}
          />
        )}
        <Field
          label="Ends"
          type="datetime-local"
          value={draft.expires_at}
          onChange={(event) => put("expires_at", event.target.value)}
          hint="In your time zone. Empty: never"
          problem={about("expires_at")}
        />
      </div>
    </Card>
  );
}
