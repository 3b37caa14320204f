"use client";

import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Refusal } from "@/components/layout/entrance";
import { Button, buttonClass } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/skeleton";
import { asApiError, type ApiError } from "@/lib/api/problem";
import { acceptInvite, waysQuery } from "./api";

const SHORTEST_PASSWORD = 12;

/** By a password, or by signing in at the identity provider with the invited address. */
export function JoinForm({ token }: { token: string }) {
  const ways = useQuery(waysQuery);
  if (ways.isPending) return <Skeleton className="h-48" />;
  const { local_login: byPassword, providers } = ways.data ?? { local_login: true, providers: [] };
  return (
    <div className="flex flex-col gap-5">
      {byPassword && <ByPassword token={token} />}
      {providers.length > 0 && (
        <div className="flex flex-col gap-2">
          <p className="text-sm text-ink-2">
            {byPassword ? "Or sign in with the invited address at" : "Sign in with the invited address at"}
          </p>
          {providers.map((provider) => (
            <a key={provider.id} href={provider.authorize_url} className={buttonClass({ size: "large" })}>
              {provider.name}
            </a>
          ))}
        </div>
      )}
    </div>
  );
}

function ByPassword({ token }: { token: string }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const about = (name: string) => problem?.fields.find(({ field }) => field === name)?.message;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      await acceptInvite(token, String(form.get("name")).trim(), String(form.get("password")));
      window.location.replace("/");
    } catch (error) {
      setBusy(false);
      setProblem(asApiError(error));
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      {problem && problem.fields.length === 0 && (
        <Refusal requestId={problem.requestId}>{problem.message}</Refusal>
      )}
      <Field
        large
        label="Your name"
        name="name"
        autoComplete="name"
        required
        maxLength={100}
        problem={about("name")}
      />
      <Field
        large
        label="Password"
        hint={`At least ${SHORTEST_PASSWORD} characters`}
        name="password"
        type="password"
        autoComplete="new-password"
        required
        minLength={SHORTEST_PASSWORD}
        maxLength={128}
        problem={about("password")}
      />
      <Button type="submit" look="primary" size="large" disabled={busy} className="mt-1">
        {busy ? "Joining …" : "Join"}
      </Button>
    </form>
  );
}
