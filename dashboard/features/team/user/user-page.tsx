"use client";

import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { SessionsCard } from "@/components/sessions/sessions-card";
import { Can } from "@/components/can";
import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { Link } from "@/components/link";
import { Failed } from "@/components/states/states";
import { buttonClass } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { ApiError } from "@/lib/api/problem";
import { useMay, useMe } from "@/lib/session/session";
import { userQuery, type User } from "@/features/team/api";
import { accessHref } from "@/features/team/hrefs";
import { UserStatus } from "@/features/team/user-status";
import { UserActions } from "./user-actions";
import { UserFacts } from "./user-facts";
import { UserRolesCard } from "./user-roles-card";
import { UserTeamsCard } from "./user-teams-card";

/** `/user?id=`: one person. */
export function UserPage() {
  const id = useSearchParams().get("id") ?? "";
  const mayRead = useMay("users:read");
  const user = useQuery({ ...userQuery(id), enabled: mayRead && id !== "" });
  const error = id === "" ? new ApiError(404, "not_found", "Nobody is named.", null) : user.error;
  return (
    <Page
      title={user.data ? user.data.name || user.data.email : "Person"}
      permission="users:read"
      description={user.data && <Under user={user.data} />}
      actions={
        <>
          <BackLink href="/team">All people</BackLink>
          {user.data && (
            <Can permission="users:admin">
              <UserActions user={user.data} />
            </Can>
          )}
        </>
      }
    >
      {user.data ? (
        <Content user={user.data} />
      ) : error ? (
        <Failed what="This person" error={error} onRetry={() => void user.refetch()} />
      ) : (
        <div className="grid gap-5 lg:grid-cols-2">
          <Skeleton className="h-64" />
          <Skeleton className="h-64" />
        </div>
      )}
    </Page>
  );
}

function Under({ user }: { user: User }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <UserStatus status={user.status} />
      <span>{user.email}</span>
      {user.role && <span>{user.role}</span>}
    </span>
  );
}

function Content({ user }: { user: User }) {
  const { user: self } = useMe();
  const isSelf = self?.id === user.id;
  const maySeeSessions = useMay("users:admin") || isSelf;
  const maySeeAccess = useMay("rbac:read") || isSelf;
  return (
    <>
      <p className="flex flex-wrap gap-2">
        {maySeeAccess && (
          <Link href={accessHref(user.id)} className={buttonClass()}>
            What they may do, and why
          </Link>
        )}
        <Can permission="keys:read">
          <Link href={`/keys?user_id=${user.id}`} className={buttonClass()}>
            Their keys
          </Link>
        </Can>
        <Can permission="traces:read">
          <Link href={`/traces?user_id=${user.id}`} className={buttonClass()}>
            Their traces
          </Link>
        </Can>
      </p>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <UserRolesCard user={user} />
        <UserTeamsCard user={user} />
        {maySeeSessions && <SessionsCard userId={user.id} name={user.name || user.email} />}
        <UserFacts user={user} />
      </div>
    </>
  );
}
