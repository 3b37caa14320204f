"use client";

import { PickerField } from "@/components/form/picker-field";
import { SelectField } from "@/components/form/select-field";
import { useDirectory } from "@/lib/directory/directory";
import { implies } from "@/lib/permission/permission";
import { useMe } from "@/lib/session/session";
import type { FieldsProps } from "./fields";

/** Whose key it is: fixed once it is made. */
export function OwnerFields({ values, change, about }: FieldsProps) {
  const { user, permissions } = useMe();
  // The API decides it for each team as well; this is what is offered.
  const forOthers = permissions.some((grant) => implies(grant, "keys:create"));
  if (!forOthers) {
    return (
      <p className="text-sm text-ink-2">It will be a personal key of yours, and end with your account.</p>
    );
  }
  const personal = values.user_id !== null;
  return (
    <div className="grid items-start gap-4 sm:grid-cols-2">
      <SelectField
        label="Owner"
        value={personal ? "person" : "service"}
        options={[
          { value: "service", name: "A service: nobody’s own" },
          { value: "person", name: "A person" },
        ]}
        onChange={(kind) => change({ user_id: kind === "person" ? (user?.id ?? "") : null })}
        hint={
          personal
            ? "A personal key never does more than its owner may, and ends with their access."
            : "A service key goes on when people leave."
        }
      />
      {personal && (
        <PickerField
          label="Whose"
          kind="user"
          value={values.user_id ?? ""}
          onChange={(user_id) => change({ user_id })}
          problem={about("user_id")}
        />
      )}
    </div>
  );
}

/** Which team it counts for, in costs, budgets and limits. */
export function TeamField({ values, change, about }: FieldsProps) {
  const { teams: own } = useMe();
  const { options = own.map(({ id, name }) => ({ value: id, name })) } = useDirectory("team");
  return (
    <SelectField
      label="Team"
      value={values.team_id}
      options={[{ value: "", name: "None" }, ...options]}
      onChange={(team_id) => change({ team_id })}
      problem={about("team_id")}
      hint="Its calls count for this team in costs, budgets and limits."
    />
  );
}
