"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FormEnd } from "@/components/access/form-end";
import { roleNamesQuery, teamNamesQuery } from "@/components/access/queries";
import { CheckField } from "@/components/form/check-field";
import { FormProblem } from "@/components/form/form-problem";
import { SelectField } from "@/components/form/select-field";
import { Field } from "@/components/ui/field";
import { useSubmit } from "@/components/form/use-submit";
import { useMay } from "@/lib/session/session";
import { invite, type IssuedInvite } from "@/features/team/api";

/** For those who may invite but not read roles: the built-in ones, which every organization has. */
const BUILT_IN = ["admin", "security", "developer", "viewer", "billing"];
/** They come with the membership of a team, and count on that team only. */
const BY_MEMBERSHIP = new Set(["team_member", "team_lead"]);

interface Props {
  onIssued: (issued: IssuedInvite) => void;
  onCancel: () => void;
}

export function InviteForm({ onIssued, onCancel }: Props) {
  const maySeeRoles = useMay("rbac:read");
  const mayAddToTeams = useMay("teams:admin");
  const roles = useQuery({ ...roleNamesQuery, enabled: maySeeRoles });
  const teams = useQuery({ ...teamNamesQuery, enabled: mayAddToTeams });
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("developer");
  const [teamIds, setTeamIds] = useState<string[]>([]);
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    onIssued(await invite({ email: email.trim(), role, team_ids: teamIds }));
  });

  const names = roles.data?.roles.map(({ name }) => name) ?? BUILT_IN;
  const options = names.filter((name) => !BY_MEMBERSHIP.has(name)).map((name) => ({ value: name, name }));
  const description = roles.data?.roles.find(({ name }) => name === role)?.description;
  const known = teams.data?.teams ?? [];
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <Field
        label="E-mail address"
        type="email"
        required
        maxLength={254}
        autoComplete="off"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        problem={about("email")}
      />
      <SelectField
        label="Role"
        value={role}
        options={options}
        onChange={setRole}
        problem={about("role")}
        hint={description || "What they may do everywhere. Nobody invites to more than they hold."}
      />
      {known.length > 0 && (
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1.5 text-sm font-medium">Teams they join</legend>
          <div className="flex max-h-40 flex-col gap-2 overflow-y-auto rounded-lg border p-3">
            {known.map(({ id, name }) => (
              <CheckField
                key={id}
                label={name}
                checked={teamIds.includes(id)}
                onChange={(on) => setTeamIds(on ? [...teamIds, id] : teamIds.filter((one) => one !== id))}
              />
            ))}
          </div>
          {about("team_ids") && <p className="text-sm text-bad">{about("team_ids")}</p>}
        </fieldset>
      )}
      <FormProblem problem={problem} fields={["email", "role"]} />
      <FormEnd action="Invite" busy={busy} onCancel={onCancel} />
    </form>
  );
}
