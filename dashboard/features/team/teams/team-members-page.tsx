"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { Can } from "@/components/can";
import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { Link } from "@/components/link";
import { Failed } from "@/components/states/states";
import { Button, buttonClass } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { attempt } from "@/components/ui/attempt";
import { ApiError } from "@/lib/api/problem";
import { plural } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import { accessChanged, deleteTeam, teamQuery, type Team } from "@/features/team/api";
import { MembersCard } from "./members-card";
import { TeamDialog } from "./team-dialog";

/** `/team-members?id=`: one team. */
export function TeamMembersPage() {
  const id = useSearchParams().get("id") ?? "";
  const mayRead = useMay("teams:read");
  const team = useQuery({ ...teamQuery(id), enabled: mayRead && id !== "" });
  const error = id === "" ? new ApiError(404, "not_found", "No team is named.", null) : team.error;
  return (
    <Page
      title={team.data?.name ?? "Team"}
      permission="teams:read"
      description={
        team.data && (
          <>
            {plural(team.data.member_count, "member")}
            {team.data.description && ` · ${team.data.description}`}
          </>
        )
      }
      actions={
        <>
          <BackLink href="/team?tab=teams">All teams</BackLink>
          {team.data && (
            <Can permission="teams:admin">
              <Actions team={team.data} />
            </Can>
          )}
        </>
      }
    >
      {team.data ? (
        <>
          <MembersCard team={team.data} />
          <Links team={team.data} />
        </>
      ) : error ? (
        <Failed what="This team" error={error} onRetry={() => void team.refetch()} />
      ) : (
        <Skeleton className="h-72" />
      )}
    </Page>
  );
}

function Actions({ team }: { team: Team }) {
  const client = useQueryClient();
  const router = useRouter();
  const [changes, setChanges] = useState(false);
  const [deletes, setDeletes] = useState(false);
  return (
    <>
      <Button onClick={() => setChanges(true)}>Change</Button>
      <Button look="danger" onClick={() => setDeletes(true)}>
        Delete
      </Button>
      <TeamDialog team={team} open={changes} onOpenChange={setChanges} onSaved={() => undefined} />
      <ConfirmDialog
        open={deletes}
        onOpenChange={setDeletes}
        title={`Delete the team ${team.name}?`}
        description="What memberships let people do ends with it. Its keys stay, without a team; what it did stays in traces and costs."
        action="Delete team"
        name={team.name}
        onConfirm={async () => {
          const done = await attempt(() => deleteTeam(team), `${team.name} is deleted`);
          if (done) router.push("/team?tab=teams");
          await accessChanged(client);
        }}
      />
    </>
  );
}

function Links({ team }: { team: Team }) {
  const query = `team_id=${team.id}`;
  return (
    <p className="flex flex-wrap gap-2">
      <Can permission="keys:read">
        <Link href={`/keys?${query}`} className={buttonClass()}>
          Its keys
        </Link>
      </Can>
      <Can permission="traces:read">
        <Link href={`/traces?${query}`} className={buttonClass()}>
          Its traces
        </Link>
      </Can>
    </p>
  );
}
