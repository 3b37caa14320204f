"use client";

import { useQuery } from "@tanstack/react-query";
import { MailX } from "lucide-react";
import { useSyncExternalStore } from "react";
import { Entrance } from "@/components/layout/entrance";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { buttonClass } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { asApiError } from "@/lib/api/problem";
import { clockTime } from "@/lib/time/time";
import { inviteQuery, type Invite } from "./api";
import { JoinForm } from "./join-form";

/** `/invite#token=`: where the link of an invite leads. */
export function InvitePage() {
  const token = useToken();
  const invite = useQuery({ ...inviteQuery(token ?? ""), enabled: Boolean(token) });
  if (invite.data) return <Join token={token ?? ""} invite={invite.data} />;
  return (
    <Entrance title="Join GatewayOps">
      {token === "" ? (
        <Dead>This link is not complete. Open it as it stands in the message.</Dead>
      ) : invite.error ? (
        <Trouble error={invite.error} onRetry={() => void invite.refetch()} />
      ) : (
        <div role="status" aria-label="Loading" className="flex flex-col gap-5">
          <Skeleton className="h-16" />
          <Skeleton className="h-16" />
        </div>
      )}
    </Entrance>
  );
}

function Join({ token, invite }: { token: string; invite: Invite }) {
  return (
    <Entrance
      title={`Join ${invite.organization_name}`}
      description={
        <>
          You were invited as <b className="font-medium text-ink">{invite.email}</b>, with the role{" "}
          {invite.role}. The invite is good until {clockTime(invite.expires_at)}.
        </>
      }
    >
      <JoinForm token={token} />
    </Entrance>
  );
}

function Trouble({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { code, status } = asApiError(error);
  const isDead = status === 410 || status === 404 || code === "validation_error";
  if (isDead)
    return <Dead>It was used, withdrawn or replaced, or its seven days are over. Ask for another one.</Dead>;
  return <Failed small what="The invite" error={error} onRetry={onRetry} />;
}

function Dead({ children }: { children: string }) {
  return (
    <Notice
      small
      icon={MailX}
      title="This invite is no longer good"
      actions={
        <Link href="/login" className={buttonClass()}>
          To the sign-in
        </Link>
      }
    >
      <p>{children}</p>
    </Notice>
  );
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
}

/** Null until the browser has the page, empty where the link has none. */
function useToken(): string | null {
  return useSyncExternalStore(
    subscribe,
    () => new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "",
    () => null,
  );
}
