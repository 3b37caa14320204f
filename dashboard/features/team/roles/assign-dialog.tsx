"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { ListedField } from "@/components/form/listed-field";
import { PickerField } from "@/components/form/picker-field";
import { SelectField } from "@/components/form/select-field";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import type { Schemas } from "@/lib/api/client";
import { useSubmit } from "@/components/form/use-submit";
import { useDirectory } from "@/lib/directory/directory";
import { accessChanged, assignRole } from "@/features/team/api";

interface Props {
  /** Fixed where the dialog is about one of them. */
  userId?: string;
  roleId?: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function AssignDialog(props: Props) {
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title="Assign a role"
      description="Nobody assigns more than they hold themselves."
    >
      <AssignForm {...props} />
    </Dialog>
  );
}

type Scope = Schemas["RoleScope"];

const SCOPES = [
  { value: "global", name: "Everywhere" },
  { value: "team", name: "On a team" },
  { value: "server", name: "On an MCP server" },
];

function AssignForm({ userId, roleId, onOpenChange }: Props) {
  const client = useQueryClient();
  const roles = useDirectory("role", roleId === undefined);
  const [user, setUser] = useState(userId ?? "");
  const [role, setRole] = useState(roleId ?? "");
  const [scope, setScope] = useState<Scope>("global");
  const [place, setPlace] = useState("");
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    const where = scope === "global" ? {} : { scope_id: place };
    await assignRole({ user_id: user, role_id: role, scope_type: scope, ...where });
    toast("The role is assigned");
    onOpenChange(false);
    await accessChanged(client);
  });

  const ready = Boolean(user && role && (scope === "global" || place));
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      {!userId && (
        <PickerField label="To whom" kind="user" value={user} onChange={setUser} problem={about("user_id")} />
      )}
      {!roleId && (
        <ListedField
          label="Role"
          kind="role"
          value={role}
          onChange={setRole}
          problem={about("role_id")}
          hint={roles.all?.find(({ id }) => id === role)?.more}
        />
      )}
      <SelectField
        label="Where it counts"
        value={scope}
        options={SCOPES}
        onChange={(next) => {
          setScope(next as Scope);
          setPlace("");
        }}
        problem={about("scope_type")}
      />
      {scope !== "global" && (
        <ListedField
          label={scope === "team" ? "Team" : "MCP server"}
          kind={scope}
          value={place}
          onChange={setPlace}
          problem={about("scope_id")}
        />
      )}
      <FormProblem problem={problem} fields={["user_id", "role_id", "scope_type", "scope_id"]} />
      <FormEnd action="Assign" busy={busy} disabled={!ready} onCancel={() => onOpenChange(false)} />
    </form>
  );
}
