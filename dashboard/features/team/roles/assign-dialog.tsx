"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormEnd } from "@/components/access/form-end";
import { PersonPicker } from "@/components/access/person-picker";
import { roleNamesQuery, serverNamesQuery, teamNamesQuery } from "@/components/access/queries";
import { FormProblem } from "@/components/form/form-problem";
import { SelectField } from "@/components/form/select-field";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import type { Schemas } from "@/lib/api/client";
import { useSubmit } from "@/components/form/use-submit";
import { useMay } from "@/lib/session/session";
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
  const roles = useQuery({ ...roleNamesQuery, enabled: roleId === undefined });
  const maySeeTeams = useMay("teams:read");
  const maySeeServers = useMay("servers:read");
  const teams = useQuery({ ...teamNamesQuery, enabled: maySeeTeams });
  const servers = useQuery({ ...serverNamesQuery, enabled: maySeeServers });
  const [user, setUser] = useState<string | null>(userId ?? null);
  const [role, setRole] = useState(roleId ?? "");
  const [scope, setScope] = useState<Scope>("global");
  const [place, setPlace] = useState("");
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    if (!user) return;
    const where = scope === "global" ? {} : { scope_id: place };
    await assignRole({ user_id: user, role_id: role, scope_type: scope, ...where });
    toast("The role is assigned");
    onOpenChange(false);
    await accessChanged(client);
  });

  const places = (scope === "team" ? teams.data?.teams : servers.data?.mcp_servers) ?? [];
  const ready = Boolean(user && role && (scope === "global" || place));
  const choose = { value: "", name: "Choose …" };
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      {!userId && <PersonPicker label="To whom" value={user} onChange={setUser} problem={about("user_id")} />}
      {!roleId && (
        <SelectField
          label="Role"
          value={role}
          options={[choose, ...(roles.data?.roles ?? []).map(({ id, name }) => ({ value: id, name }))]}
          onChange={setRole}
          problem={about("role_id")}
          hint={roles.data?.roles.find(({ id }) => id === role)?.description}
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
        <SelectField
          label={scope === "team" ? "Team" : "MCP server"}
          value={place}
          options={[choose, ...places.map(({ id, name }) => ({ value: id, name }))]}
          onChange={setPlace}
          problem={about("scope_id")}
        />
      )}
      <FormProblem problem={problem} fields={["user_id", "role_id", "scope_type", "scope_id"]} />
      <FormEnd action="Assign" busy={busy} disabled={!ready} onCancel={() => onOpenChange(false)} />
    </form>
  );
}
