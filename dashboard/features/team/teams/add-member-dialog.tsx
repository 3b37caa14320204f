"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { PickerField } from "@/components/form/picker-field";
import { SelectField } from "@/components/form/select-field";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { useSubmit } from "@/components/form/use-submit";
import { accessChanged, addMember, type Team, type TeamMember } from "@/features/team/api";

interface Props {
  team: Team;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function AddMemberDialog(props: Props) {
  return (
    <Dialog open={props.open} onOpenChange={props.onOpenChange} title={`Add somebody to ${props.team.name}`}>
      <AddMemberForm {...props} />
    </Dialog>
  );
}

function AddMemberForm({ team, onOpenChange }: Props) {
  const client = useQueryClient();
  const [user, setUser] = useState("");
  const [role, setRole] = useState<TeamMember["role"]>("member");
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    const member = await addMember(team.id, { user_id: user, role });
    toast(`${member.name || member.email} is in ${team.name}`);
    onOpenChange(false);
    await accessChanged(client);
  });
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <PickerField
        label="Who"
        kind="user"
        value={user}
        onChange={setUser}
        problem={about("user_id")}
        hint="Whoever is not in the organization yet is invited first."
      />
      <SelectField
        label="Role in the team"
        value={role}
        options={[
          { value: "member", name: "Member" },
          { value: "lead", name: "Lead" },
        ]}
        onChange={(next) => setRole(next as TeamMember["role"])}
        problem={about("role")}
        hint={
          role === "lead"
            ? "Uses the team’s servers, and looks after its members, keys, budgets and approvals."
            : "Uses the team’s servers, and sees its traces, costs and approvals."
        }
      />
      <FormProblem problem={problem} fields={["user_id", "role"]} />
      <FormEnd action="Add" busy={busy} disabled={!user} onCancel={() => onOpenChange(false)} />
    </form>
  );
}
