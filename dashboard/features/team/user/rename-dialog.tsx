"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { useSubmit } from "@/components/form/use-submit";
import { accessChanged, updateUser, type User } from "@/features/team/api";

interface Props {
  user: User;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function RenameDialog(props: Props) {
  return (
    <Dialog open={props.open} onOpenChange={props.onOpenChange} title={`Rename ${props.user.email}`}>
      <RenameForm {...props} />
    </Dialog>
  );
}

function RenameForm({ user, onOpenChange }: Props) {
  const client = useQueryClient();
  const [name, setName] = useState(user.name);
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    try {
      await updateUser(user, { name: name.trim() });
    } finally {
      await accessChanged(client);
    }
    toast("The name is changed");
    onOpenChange(false);
  });
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <Field
        label="Name"
        required
        maxLength={200}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
        problem={about("name")}
      />
      <FormProblem problem={problem} fields={["name"]} onTakeTheirs={() => setName(user.name)} />
      <FormEnd action="Save" busy={busy} onCancel={() => onOpenChange(false)} />
    </form>
  );
}
