"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useState } from "react";
import { Can } from "@/components/can";
import { Refusal } from "@/components/layout/entrance";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import { asApiError } from "@/lib/api/problem";
import { plural } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import { trialQuery, type Provider, type Trial } from "./api";

interface Props {
  provider: Provider;
  /** It was just made: it is asked at once. */
  atOnce: boolean;
}

/** Asks the provider for its document and its keys, as it is saved. */
export function TestCard({ provider, atOnce }: Props) {
  const mayTest = useMay("sso:admin");
  const [asked, setAsked] = useState(atOnce);
  const trial = useQuery({ ...trialQuery(provider), enabled: asked && mayTest });
  const problem = trial.error ? asApiError(trial.error) : null;
  return (
    <Card
      title="Discovery"
      description="What the provider says of itself: its endpoints and its keys"
      actions={
        <Can permission="sso:admin">
          <Button disabled={trial.isFetching} onClick={() => (asked ? void trial.refetch() : setAsked(true))}>
            {trial.isFetching ? "Asking …" : "Test"}
          </Button>
        </Can>
      }
    >
      <div role="status" className="flex flex-col gap-3">
        {trial.data && !problem ? (
          <Outcome trial={trial.data} />
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
