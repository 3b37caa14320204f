"use client";

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { More } from "@/components/data-table/more";
import { Failed } from "@/components/states/states";
import { attempt } from "@/components/ui/attempt";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { RelativeTime } from "@/components/ui/time";
import { api, data, type Schemas } from "@/lib/api/client";
import { pagedQuery } from "@/lib/api/paged";
import { browserName } from "./browser-name";

type Session = Schemas["Session"];

function sessionsQuery(user_id: string) {
  return pagedQuery(
    ["sessions", user_id],
    (page, signal) => {
      const query = { user_id, sort: "-last_active_at", ...page };
      return data(api.GET("/v1/sessions", { params: { query }, signal }));
    },
    { limit: 20 },
  );
}

/** Where somebody is signed in to the dashboard, and how to end that. */
export function SessionsCard({ userId, name }: { userId: string; name: string }) {
  const client = useQueryClient();
  const sessions = useInfiniteQuery(sessionsQuery(userId));
  const [endsAll, setEndsAll] = useState(false);
  const rows = sessions.data?.pages.flatMap((page) => page.sessions);
  const changed = () => client.invalidateQueries({ queryKey: ["sessions", userId] });
  const isOwn = rows?.some((session) => session.current) ?? false;

  return (
    <Card
      flush
      title="Sessions"
      description="Where this person is signed in to the dashboard"
      actions={
        rows &&
        rows.length > 0 && (
          <Button size="small" look="danger" onClick={() => setEndsAll(true)}>
            End all
          </Button>
        )
      }
    >
      {sessions.error && !rows ? (
        <Failed small what="The sessions" error={sessions.error} onRetry={() => void sessions.refetch()} />
      ) : !rows ? (
        <Skeleton className="m-4 h-20" />
      ) : rows.length === 0 ? (
        <p className="px-4 pb-4 text-sm text-ink-2 sm:px-5">Not signed in anywhere.</p>
      ) : (
        <ul className="divide-y border-t">
          {rows.map((session) => (
            <Row key={session.id} session={session} onEnded={changed} />
          ))}
        </ul>
      )}
      <More query={sessions} />
      <ConfirmDialog
        open={endsAll}
        onOpenChange={setEndsAll}
        title="End all sessions?"
        description={
          isOwn
            ? "This one too: you will have to sign in again."
            : `${name} will have to sign in again. Keys are not touched.`
        }
        action="End all sessions"
        onConfirm={async () => {
          const end = () => data(api.POST("/v1/sessions/revoke", { body: { user_id: userId } }));
          await attempt(end, "All sessions are ended");
          await changed();
        }}
      />
    </Card>
  );
}

function Row({ session, onEnded }: { session: Session; onEnded: () => Promise<unknown> }) {
  const [busy, setBusy] = useState(false);
  const client = browserName(session.user_agent);
  async function end() {
    setBusy(true);
    const params = { path: { id: session.id } };
    await attempt(() => data(api.DELETE("/v1/sessions/{id}", { params })), "The session is ended");
    await onEnded();
    setBusy(false);
  }
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 sm:px-5">
      <div className="min-w-0 grow text-sm">
        <p className="flex flex-wrap items-center gap-2">
          <span title={session.user_agent ?? undefined} className="min-w-0 truncate font-medium">
            {client}
          </span>
          {session.current && <Badge tone="accent">This one</Badge>}
        </p>
        <p className="text-ink-3">
          {session.ip_address ?? "Unknown address"} · by{" "}
          {session.auth_method === "sso" ? "SSO" : session.auth_method} · active{" "}
          <RelativeTime at={session.last_active_at} /> · ends <RelativeTime at={session.expires_at} />
        </p>
      </div>
      {!session.current && (
        <Button
          size="small"
          disabled={busy}
          aria-label={`End the session of ${client}`}
          onClick={() => void end()}
        >
          End
        </Button>
      )}
    </li>
  );
}
