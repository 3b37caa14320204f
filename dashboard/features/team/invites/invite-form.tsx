"use client";

import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { ChoicesField } from "@/components/form/choices-field";
import { FormProblem } from "@/components/form/form-problem";
import { SelectField } from "@/components/form/select-field";
import { Field } from "@/components/ui/field";
import { useSubmit } from "@/components/form/use-submit";
import { useDirectory } from "@/lib/directory/directory";
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
  const roles = useDirectory("role");
  const teams = useDirectory("team", useMay("teams:admin"));
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("developer");
  const [teamIds, setTeamIds] = useState<string[]>([]);
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    onIssued(await invite({ email: email.trim(), role, team_ids: teamIds }));
  });

  const names = roles.all?.map(({ name }) => name) ?? BUILT_IN;
  const options = names.filter((name) => !BY_MEMBERSHIP.has(name)).map((name) => ({ value: name, name }));
  const description = roles.all?.find(({ name }) => name === role)?.more;
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
      {teams.options && teams.options.length > 0 && (
        <ChoicesField
          label="Teams they join"
          options={teams.options}
          none=""
          chosen={teamIds}
          onChange={setTeamIds}
          problem={about("team_ids")}
        />
      )}
      <FormProblem problem={problem} fields={["email", "role", "team_ids"]} />
      <FormEnd action="Invite" busy={busy} onCancel={onCancel} />
    </form>
  );
}
