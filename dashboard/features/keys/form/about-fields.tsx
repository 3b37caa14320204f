import { TextAreaField } from "@/components/form/text-area-field";
import { Field } from "@/components/ui/field";
import type { FieldsProps } from "./fields";
import { TeamField } from "./owner-fields";

/** What the key is, for people. */
export function AboutFields(props: FieldsProps) {
  const { values, change, about } = props;
  return (
    <div className="grid items-start gap-4 sm:grid-cols-2">
      <Field
        label="Name"
        required
        maxLength={100}
        autoComplete="off"
        value={values.name}
        onChange={(event) => change({ name: event.target.value })}
        problem={about("name")}
        hint="Who or what calls with it: “CI of the web shop”."
      />
      <TeamField {...props} />
      <TextAreaField
        label="Description"
        rows={2}
        maxLength={1000}
        value={values.description}
        onChange={(event) => change({ description: event.target.value })}
        problem={about("description")}
      />
      <TextAreaField
        code
        label="Metadata"
        rows={2}
        value={values.metadata}
        onChange={(event) => change({ metadata: event.target.value })}
        problem={about("metadata")}
        hint="At most 16 lines like repository=web-shop, for your own systems."
      />
    </div>
  );
}
