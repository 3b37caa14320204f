"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { Card } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { useSubmit } from "@/components/form/use-submit";
import type { Schemas } from "@/lib/api/client";
import { profileChanged, updateProfile } from "./api";

export function ProfileCard({ user }: { user: Schemas["MeUser"] }) {
  const client = useQueryClient();
  const [name, setName] = useState(user.name);
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    await updateProfile({ name: name.trim() });
    await profileChanged(client);
    toast("Your name is changed");
  });
  return (
    <Card title="Profile">
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <Field
          label="Name"
          required
          maxLength={200}
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          problem={about("name")}
          hint="As others see you in traces, approvals and the audit log."
        />
        <Field
          label="E-mail address"
          value={user.email}
          readOnly
          hint={
            user.auth_method === "sso"
              ? "It comes from your identity provider."
              : "It is what you sign in with, and cannot be changed."
          }
        />
        <FormProblem problem={problem} fields={["name"]} />
        <FormEnd action="Save" busy={busy} disabled={name.trim() === user.name} />
      </form>
    </Card>
  );
}
