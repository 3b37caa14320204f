"use client";

import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import { Skeleton } from "@/components/ui/skeleton";
import { keysQuery } from "@/features/audit/api";
import type { Schemas } from "@/lib/api/client";
import { exactTime } from "@/lib/time/time";

export function KeysCard() {
  const keys = useQuery(keysQuery);
  return (
    <Card title="Public keys" description="What heads are, and were, signed with (Ed25519)">
      {keys.data ? (
        <Keys keys={keys.data.keys} />
      ) : keys.error ? (
        <Failed small what="The public keys" error={keys.error} onRetry={() => void keys.refetch()} />
      ) : (
        <Skeleton className="h-28" />
      )}
    </Card>
  );
}

function Keys({ keys }: { keys: readonly Schemas["AuditPublicKey"][] }) {
  if (keys.length === 0)
    return (
      <Notice small icon={KeyRound} title="There is none yet">
        <p>The first is made when a head is first signed.</p>
      </Notice>
    );
  return (
    <ul className="flex flex-col divide-y">
      {keys.map((key) => (
        <li key={key.key_id} className="py-3 first:pt-0 last:pb-0">
          <p className="flex flex-wrap items-center gap-2 text-sm">
            <Mono>{key.key_id}</Mono>
            <Badge tone={key.retired_at ? "idle" : "ok"}>{key.retired_at ? "Retired" : "Signs"}</Badge>
          </p>
          <Facts
            facts={[
              { name: "Public key", value: <Mono>{key.public_key}</Mono>, copy: key.public_key },
              { name: "Made", value: exactTime(key.created_at) },
              { name: "Retired", value: key.retired_at && exactTime(key.retired_at) },
            ]}
          />
        </li>
      ))}
    </ul>
  );
}
