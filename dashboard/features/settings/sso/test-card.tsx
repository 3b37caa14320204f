"use client";

import { useMutation } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { Can } from "@/components/can";
import { Refusal } from "@/components/layout/entrance";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import { asApiError } from "@/lib/api/problem";
import { plural } from "@/lib/number";
import { testProvider, type Provider, type Trial } from "./api";

/** Asks the provider for its document and its keys, as it is saved. */
export function TestCard({ provider }: { provider: Provider }) {
  const test = useMutation({ mutationFn: () => testProvider(provider.id) });
  const problem = test.error ? asApiError(test.error) : null;
  return (
    <Card
      title="Discovery"
      description="What the provider says of itself: its endpoints and its keys"
      actions={
        <Can permission="sso:admin">
          <Button disabled={test.isPending} onClick={() => test.mutate()}>
            {test.isPending ? "Asking …" : "Test"}
          </Button>
        </Can>
      }
    >
      <div role="status" className="flex flex-col gap-3">
        {test.data ? (
          <Outcome trial={test.data} />
        ) : (
          <p className="text-sm text-ink-2">
            Test it before anybody depends on it; then open “People begin at” in a private window and sign in.
          </p>
        )}
      </div>
      {problem && <Refusal requestId={problem.requestId}>{problem.message}</Refusal>}
    </Card>
  );
}

function Outcome({ trial }: { trial: Trial }) {
  const { endpoints } = trial;
  const mono = (value: string | null) => value && <Mono>{value}</Mono>;
  return (
    <>
      {trial.ok ? (
        <div>
          <Badge tone="ok">
            <CircleCheck aria-hidden />
            It answers as it should
          </Badge>
        </div>
      ) : (
        <Refusal>{trial.error ?? "It did not answer as it should."}</Refusal>
      )}
      <Facts
        facts={[
          { name: "Issuer", value: mono(trial.issuer) },
          { name: "Sign-in", value: mono(endpoints.authorization) },
          { name: "Tokens", value: mono(endpoints.token) },
          { name: "User info", value: mono(endpoints.userinfo) },
          { name: "Keys", value: mono(endpoints.jwks) },
          { name: "Log-out", value: mono(endpoints.end_session) },
          { name: "Found", value: trial.jwks_keys === null ? null : plural(trial.jwks_keys, "key") },
        ]}
      />
    </>
  );
}
