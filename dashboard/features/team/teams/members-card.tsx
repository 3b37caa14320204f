"use client";

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { UserRoundPlus } from "lucide-react";
import { useState } from "react";
import { attempt } from "@/components/ui/attempt";
import { More } from "@/components/data-table/more";
import { PlainTable } from "@/components/data-table/plain-table";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { RelativeTime } from "@/components/ui/time";
import { useMay } from "@/lib/session/session";
import {
  accessChanged,
  changeMember,
  membersQuery,
  removeMember,
  type Team,
  type TeamMember,
} from "@/features/team/api";
import { userHref } from "@/features/team/hrefs";
import { AddMemberDialog } from "./add-member-dialog";

export function MembersCard({ team }: { team: Team }) {
  const members = useInfiniteQuery(membersQuery(team.id));
  const mayChange = useMay("teams:admin");
  const [adds, setAdds] = useState(false);
  const rows = members.data?.pages.flatMap((page) => page.members);
  return (
    <Card
      flush
      title="Members"
      description="Leads look after the team: its members, keys, budgets and approvals"
      actions={
        mayChange && (
          <Button size="small" onClick={() => setAdds(true)}>
            <UserRoundPlus aria-hidden />
            Add
          </Button>
        )
      }
    >
      {members.error && !rows ? (
        <Failed small what="The members" error={members.error} onRetry={() => void members.refetch()} />
      ) : !rows ? (
        <Skeleton className="m-4 h-32" />
      ) : rows.length === 0 ? (
        <Notice small icon={UserRoundPlus} title="Nobody is in this team yet" />
      ) : (
        <PlainTable
          label="Members"
          columns={[
            { name: "Name" },
            { name: "Role", className: "w-26 sm:w-32" },
            { name: "Since", className: "w-28 max-sm:hidden" },
            { name: "Actions", className: "w-22 sm:w-28", quiet: true },
          ]}
        >
          {rows.map((member) => (
            <Row key={member.user_id} team={team} member={member} mayChange={mayChange} />
          ))}
        </PlainTable>
      )}
      <More query={members} />
      <AddMemberDialog team={team} open={adds} onOpenChange={setAdds} />
    </Card>
  );
}

function Row({ team, member, mayChange }: { team: Team; member: TeamMember; mayChange: boolean }) {
  const client = useQueryClient();
  const [removes, setRemoves] = useState(false);
  const [busy, setBusy] = useState(false);
  const name = member.name || member.email;

  async function change(role: TeamMember["role"]) {
    setBusy(true);
    await attempt(() => changeMember(team.id, member.user_id, role), `${name} is a ${role} now`);
    await accessChanged(client);
    setBusy(false);
  }

  return (
    <tr>
      <td className="truncate">
        <Link href={userHref(member.user_id)} className="font-medium hover:underline">
          {name}
        </Link>
        {member.name && <span className="ml-2 text-ink-3 max-md:hidden">{member.email}</span>}
      </td>
      <td>
        {mayChange ? (
          <select
            aria-label={`Role of ${name}`}
            value={member.role}
            disabled={busy}
            onChange={(event) => void change(event.target.value as TeamMember["role"])}
            className="h-7 rounded-md border border-edge bg-surface px-1.5 text-sm"
          >
            <option value="member">Member</option>
            <option value="lead">Lead</option>
          </select>
        ) : member.role === "lead" ? (
          "Lead"
        ) : (
          "Member"
        )}
      </td>
      <td className="text-ink-2 max-sm:hidden">
        <RelativeTime at={member.created_at} />
      </td>
      <td className="text-right">
        {mayChange && (
          <Button
            size="small"
            look="quiet"
            aria-label={`Remove ${name} from the team`}
            onClick={() => setRemoves(true)}
          >
            Remove
          </Button>
        )}
        <ConfirmDialog
          open={removes}
          onOpenChange={setRemoves}
          title={`Take ${name} out of ${team.name}?`}
          description="What the membership let them see and do ends with it. They can be added again."
          action="Remove"
          onConfirm={async () => {
            await attempt(() => removeMember(team.id, member.user_id), `${name} is out of ${team.name}`);
            await accessChanged(client);
          }}
        />
      </td>
    </tr>
  );
}
