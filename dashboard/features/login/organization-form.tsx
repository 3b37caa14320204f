"use client";

import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";

interface Props {
  organization: string | null;
  severalAccounts: boolean;
}

/** Where there are several organizations: which one is meant. */
export function OrganizationForm({ organization, severalAccounts }: Props) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const next = new URLSearchParams(window.location.search);
    next.set("organization", String(new FormData(event.currentTarget).get("organization")).trim());
    next.delete("error");
    next.delete("request_id");
    window.location.search = next.toString();
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4 border-t pt-5">
      {severalAccounts && (
        <p role="alert" className="text-sm text-ink-2">
          You have several accounts. Name your organization, then sign in.
        </p>
      )}
      <Field
        large
        label="Organization"
        hint="Its short name, such as acme"
        name="organization"
        autoComplete="organization"
        autoCapitalize="none"
        spellCheck={false}
        required
        maxLength={100}
        defaultValue={organization ?? ""}
      />
      <Button type="submit" size="large">
        Go on
      </Button>
    </form>
  );
}
