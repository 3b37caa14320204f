"use client";

import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { Name } from "@/components/names/name";
import { Failed } from "@/components/states/states";
import { Badge } from "@/components/ui/badge";
import { Skeleton } from "@/components/ui/skeleton";
import { toastProblem } from "@/components/ui/toast";
import { RelativeTime } from "@/components/ui/time";
import { policyQuery, type Policy } from "@/features/safety/api";
import { Action } from "@/features/safety/looks";
import { useMay } from "@/lib/session/session";
import { PolicyEditor } from "./policy-editor";

/** `/safety-policy?id=` changes one, `/safety-policy` makes one. */
export function PolicyPage() {
  const id = useSearchParams().get("id");
  return id === null ? <NewPolicy /> : <OnePolicy key={id} id={id} />;
}

function NewPolicy() {
  return (
    <Page
      title="New safety policy"
      permission="policies:admin"
      description="Proxies follow it within two seconds of saving"
      actions={<Back />}
    >
      <PolicyEditor policy={null} onReload={() => undefined} />
    </Page>
  );
}

function OnePolicy({ id }: { id: string }) {
  const mayRead = useMay("policies:read");
  const policy = useQuery({ ...policyQuery(id), enabled: mayRead });
  // The form keeps what is being written until it is told to begin anew.
  const [generation, setGeneration] = useState(0);

  async function reload() {
    const { error } = await policy.refetch();
    // What was written stays until there is something to put in its place.
    if (error) return toastProblem(error);
    return setGeneration((before) => before + 1);
  }

  return (
    <Page
      title={policy.data?.name ?? "Safety policy"}
      permission="policies:read"
      description={policy.data && <Under policy={policy.data} />}
      actions={<Back />}
    >
      {policy.data ? (
        <PolicyEditor key={generation} policy={policy.data} onReload={() => void reload()} />
      ) : policy.error ? (
        <Failed what="This policy" error={policy.error} onRetry={() => void policy.refetch()} />
      ) : (
        <div role="status" aria-label="Loading">
          <Skeleton className="h-96 w-full" />
        </div>
      )}
    </Page>
  );
}

function Under({ policy }: { policy: Policy }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Badge tone={policy.enabled ? "ok" : "idle"}>{policy.enabled ? "On" : "Off"}</Badge>
      <Action action={policy.mode} />
      {policy.is_default && <span>The organization&apos;s default: it cannot be deleted</span>}
      <span>
        Changed <RelativeTime at={policy.updated_at} />
      </span>
      {policy.created_by && (
        <span>
          Made by <Name kind="user" id={policy.created_by} />
        </span>
      )}
    </span>
  );
}

function Back() {
  return <BackLink href="/safety">All policies</BackLink>;
}
