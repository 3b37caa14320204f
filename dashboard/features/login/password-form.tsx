"use client";

import { useState, type FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { logIn } from "./api";

interface Props {
  organization: string | null;
  destination: string;
  onRefused: (error: unknown) => void;
}

export function PasswordForm({ organization, destination, onRefused }: Props) {
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      await logIn(String(form.get("email")), String(form.get("password")), organization);
      // A page loaded anew, so that nothing of an earlier session is left in memory.
      window.location.replace(destination);
    } catch (error) {
      setBusy(false);
      onRefused(error);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <Field
        large
        label="E-mail address"
        name="email"
        type="email"
        autoComplete="username"
        required
        maxLength={254}
      />
      <Field
        large
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        maxLength={1024}
      />
      <Button type="submit" look="primary" size="large" disabled={busy} className="mt-1">
        {busy ? "Signing in …" : "Sign in"}
      </Button>
    </form>
  );
}
