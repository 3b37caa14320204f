"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { Card } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import type { Schemas } from "@/lib/api/client";
import { useSubmit } from "@/components/form/use-submit";
import { changePassword } from "./api";

const SHORTEST = 12;
const EMPTY = { current: "", next: "", again: "" };

export function PasswordCard({ user }: { user: Schemas["MeUser"] }) {
  if (user.auth_method === "sso") {
    return (
      <Card title="Password">
        <p className="text-sm text-ink-2">
          You sign in at your identity provider. There is no password here.
        </p>
      </Card>
    );
  }
  return (
    <Card title="Password" description="Changing it ends your sessions in other browsers">
      <PasswordForm email={user.email} />
    </Card>
  );
}

function PasswordForm({ email }: { email: string }) {
  const client = useQueryClient();
  const [typed, setTyped] = useState(EMPTY);
  const change = (changes: Partial<typeof EMPTY>) => setTyped((old) => ({ ...old, ...changes }));
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    await changePassword(typed.current, typed.next);
    setTyped(EMPTY);
    toast("Your password is changed");
    await client.invalidateQueries({ queryKey: ["sessions"] });
  });
  const differs = typed.again !== "" && typed.again !== typed.next;
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      {/* For password managers, which keep a password by its account. */}
      <input type="hidden" name="username" autoComplete="username" value={email} />
      <Field
        label="Present password"
        type="password"
        required
        autoComplete="current-password"
        maxLength={1024}
        value={typed.current}
        onChange={(event) => change({ current: event.target.value })}
        problem={about("current_password")}
      />
      <Field
        label="New password"
        type="password"
        required
        autoComplete="new-password"
        minLength={SHORTEST}
        maxLength={128}
        value={typed.next}
        onChange={(event) => change({ next: event.target.value })}
        problem={about("new_password")}
        hint={`At least ${SHORTEST} characters.`}
      />
      <Field
        label="New password again"
        type="password"
        required
        autoComplete="new-password"
        maxLength={128}
        value={typed.again}
        onChange={(event) => change({ again: event.target.value })}
        problem={differs ? "It is not the same." : undefined}
      />
      <FormProblem problem={problem} fields={["current_password", "new_password"]} />
      <FormEnd action="Change the password" busy={busy} disabled={differs} />
    </form>
  );
}
