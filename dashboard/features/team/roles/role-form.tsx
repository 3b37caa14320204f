"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { PermissionPicker } from "@/components/permissions/permission-picker";
import { FormProblem } from "@/components/form/form-problem";
import { TextAreaField } from "@/components/form/text-area-field";
import { Card } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { changedOf } from "@/lib/form/changed";
import { useSubmit } from "@/components/form/use-submit";
import { accessChanged, createRole, updateRole, type Role } from "@/features/team/api";

interface Props {
  /** None: a new one. */
  role?: Role;
  /** What a new one begins with: the grants of another. */
  like?: Role;
  onSaved: (role: Role) => void;
  onCancel: () => void;
}

const typedOf = (role?: Role) => ({
  name: role?.name ?? "",
  description: role?.description ?? "",
  permissions: role?.permissions ?? [],
});

/** A role of the organization's own. */
export function RoleForm({ role, like, onSaved, onCancel }: Props) {
  const client = useQueryClient();
  const [before, setBefore] = useState(() => typedOf(role));
  const [values, setValues] = useState(() =>
    like ? { ...typedOf(), permissions: like.permissions } : before,
  );
  const change = (changes: Partial<typeof values>) => setValues((old) => ({ ...old, ...changes }));
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    try {
      const saved = await (role ? updateRole(role, changedOf(before, values)) : createRole(values));
      toast(role ? `${saved.name} is changed` : `The role ${saved.name} is there`);
      onSaved(saved);
    } finally {
      await accessChanged(client);
    }
  });
  function reload() {
    setBefore(typedOf(role));
    setValues(typedOf(role));
  }
  return (
    <form onSubmit={onSubmit} className="flex max-w-4xl flex-col gap-5">
      <Card title="What it is for">
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field
            label="Name"
            required
            maxLength={50}
            autoComplete="off"
            value={values.name}
            onChange={(event) => change({ name: event.target.value })}
            problem={about("name")}
          />
          <TextAreaField
            label="Description"
            rows={2}
            maxLength={1000}
            value={values.description}
            onChange={(event) => change({ description: event.target.value })}
            problem={about("description")}
          />
        </div>
      </Card>
      <Card title="What it grants" description="Whoever has the role may do this, wherever it was assigned">
        <PermissionPicker
          label="Permissions of the role"
          grants={values.permissions}
          onChange={(permissions) => change({ permissions })}
          problem={about("permissions")}
        />
      </Card>
      <FormProblem problem={problem} fields={["name", "description"]} onTakeTheirs={reload} />
      <FormEnd
        action={role ? "Save" : "Make the role"}
        busy={busy}
        disabled={values.permissions.length === 0}
        onCancel={onCancel}
      />
    </form>
  );
}
