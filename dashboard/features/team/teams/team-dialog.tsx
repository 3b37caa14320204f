"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { TextAreaField } from "@/components/form/text-area-field";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { changedOf } from "@/lib/form/changed";
import { useSubmit } from "@/components/form/use-submit";
import { accessChanged, createTeam, updateTeam, type Team } from "@/features/team/api";

interface Props {
  /** None: a new one. */
  team?: Team;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onSaved: (team: Team) => void;
}

export function TeamDialog(props: Props) {
  const { team, open, onOpenChange } = props;
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={team ? `Change ${team.name}` : "New team"}>
      <TeamForm {...props} />
    </Dialog>
  );
}

const typedOf = (team?: Team) => ({
  name: team?.name ?? "",
  slug: team?.slug ?? "",
  description: team?.description ?? "",
});

function TeamForm({ team, onOpenChange, onSaved }: Props) {
  const client = useQueryClient();
  const [before, setBefore] = useState(() => typedOf(team));
  const [values, setValues] = useState(before);
  const change = (changes: Partial<typeof values>) => setValues((old) => ({ ...old, ...changes }));

  async function save(): Promise<Team> {
    if (team) return updateTeam(team, changedOf(before, values));
    const { slug, ...rest } = values;
    return createTeam({ ...rest, ...(slug && { slug }) });
  }
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    try {
      const saved = await save();
      toast(team ? `${saved.name} is changed` : `The team ${saved.name} is there`);
      onOpenChange(false);
      onSaved(saved);
    } finally {
      await accessChanged(client);
    }
  });
  function reload() {
    setBefore(typedOf(team));
    setValues(typedOf(team));
  }
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <Field
        label="Name"
        required
        maxLength={100}
        autoComplete="off"
        value={values.name}
        onChange={(event) => change({ name: event.target.value })}
        problem={about("name")}
      />
      <Field
        label="Short name"
        maxLength={100}
        autoComplete="off"
        required={team !== undefined}
        value={values.slug}
        onChange={(event) => change({ slug: event.target.value })}
        problem={about("slug")}
        hint={
          team ? "For scripts and configuration." : "For scripts and configuration. Empty: from the name."
        }
      />
      <TextAreaField
        label="Description"
        rows={3}
        maxLength={1000}
        value={values.description}
        onChange={(event) => change({ description: event.target.value })}
        problem={about("description")}
      />
      <FormProblem problem={problem} fields={["name", "slug", "description"]} onTakeTheirs={reload} />
      <FormEnd action={team ? "Save" : "Make the team"} busy={busy} onCancel={() => onOpenChange(false)} />
    </form>
  );
}
