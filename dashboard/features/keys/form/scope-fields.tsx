import { TextAreaField } from "@/components/form/text-area-field";
import { Field } from "@/components/ui/field";
import type { FieldsProps } from "./fields";

/** What a key may reach, and how much. */
export function ScopeFields({ values, change, about }: FieldsProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextAreaField
        code
        label="Servers"
        rows={3}
        value={values.servers}
        onChange={(event) => change({ servers: event.target.value })}
        problem={about("servers")}
        hint="One name or pattern a line; * stands for any letters. None: no server."
      />
      <TextAreaField
        code
        label="Tools"
        rows={3}
        value={values.tools}
        onChange={(event) => change({ tools: event.target.value })}
        problem={about("tools")}
        hint="As server__tool, one pattern a line. A line that begins with ! leaves out and wins: !github__delete_*"
      />
      <Field
        label="Requests per minute"
        type="number"
        inputMode="numeric"
        min={1}
        max={1_000_000}
        value={values.rate_limit_rpm}
        onChange={(event) => change({ rate_limit_rpm: event.target.value })}
        problem={about("rate_limit_rpm")}
        hint="Empty: what the settings say for the environment."
      />
      <TextAreaField
        code
        label="Allowed addresses"
        rows={2}
        value={values.ip_allowlist}
        onChange={(event) => change({ ip_allowlist: event.target.value })}
        problem={about("ip_allowlist")}
        hint="Addresses or networks such as 10.0.0.0/8, one a line. Empty: from anywhere."
      />
    </div>
  );
}
