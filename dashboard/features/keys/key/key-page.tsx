"use client";

import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { SecretOnce } from "@/components/secret-once";
import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { ViewTabs } from "@/components/layout/view-tabs";
import { Failed } from "@/components/states/states";
import { Skeleton } from "@/components/ui/skeleton";
import { RelativeTime } from "@/components/ui/time";
import { ApiError } from "@/lib/api/problem";
import { useMay } from "@/lib/session/session";
import { carryRange } from "@/lib/time-range/time-range";
import { keyQuery, type ApiKey, type IssuedKey } from "@/features/keys/api";
import { ConnectCard } from "@/features/keys/connect/connect-card";
import { KeyStatus } from "@/features/keys/key-status";
import { KeyActions } from "./key-actions";
import { KeyFacts } from "./key-facts";
import { KeyUsage } from "./key-usage";

/** `/key?id=`: one key. */
export function KeyPage() {
  const parameters = useSearchParams();
  const id = parameters.get("id") ?? "";
  const mayRead = useMay("keys:read");
  const key = useQuery({ ...keyQuery(id), enabled: mayRead && id !== "" });
  const [issued, setIssued] = useState<IssuedKey | null>(null);
  const error = id === "" ? new ApiError(404, "not_found", "No key is named.", null) : key.error;
  return (
    <Page
      title={key.data?.name ?? "API key"}
      permission="keys:read"
      description={key.data && <Under apiKey={key.data} />}
      actions={
        <>
          <BackLink href={carryRange("/keys", parameters)}>All keys</BackLink>
          {key.data && <KeyActions apiKey={key.data} onRotated={setIssued} />}
        </>
      }
    >
      {issued && issued.id === id && (
        <SecretOnce
          title="Copy the new secret now"
          text={issued.key}
          what="the key"
          onDone={() => setIssued(null)}
        >
          <p>
            It is shown this once and kept nowhere.{" "}
            {issued.previous_key_valid_until ? (
              <>
                The old one works on until <RelativeTime at={issued.previous_key_valid_until} />.
              </>
            ) : (
              "The old one is refused from now on."
            )}
          </p>
        </SecretOnce>
      )}
      {key.data ? (
        <Sections apiKey={key.data} secret={issued?.id === id ? issued.key : undefined} />
      ) : error ? (
        <Failed what="This key" error={error} onRetry={() => void key.refetch()} />
      ) : (
        <div role="status" aria-label="Loading" className="flex flex-col gap-5">
          <Skeleton className="h-9 w-72" />
          <Skeleton className="h-72" />
        </div>
      )}
    </Page>
  );
}

function Under({ apiKey }: { apiKey: ApiKey }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <KeyStatus status={apiKey.status} />
      <code className="font-mono text-xs">{apiKey.key_prefix}…</code>
      <span>
        {apiKey.last_used_at ? (
          <>
            last used <RelativeTime at={apiKey.last_used_at} />
          </>
        ) : (
          "never used"
        )}
      </span>
      {apiKey.status === "rotating" && apiKey.previous_key_valid_until && (
        <span>
          old secret ends <RelativeTime at={apiKey.previous_key_valid_until} />
        </span>
      )}
    </span>
  );
}

const KEPT = ["id"];

function Sections({ apiKey, secret }: { apiKey: ApiKey; secret?: string }) {
  return (
    <ViewTabs
      label={`About ${apiKey.name}`}
      keeps={KEPT}
      views={[
        { id: "usage", name: "Usage", content: <KeyUsage apiKey={apiKey} /> },
        { id: "connect", name: "Connect", content: <ConnectCard apiKey={apiKey} secret={secret} /> },
        { id: "details", name: "Details", content: <KeyFacts apiKey={apiKey} /> },
      ]}
    />
  );
}
