"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus, UserRound } from "lucide-react";
import { useState } from "react";
import { More } from "@/components/data-table/more";
import { PlainTable } from "@/components/data-table/plain-table";
import { Link } from "@/components/link";
import { Name } from "@/components/names/name";
import { ScopeName } from "@/components/names/scope-name";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { RelativeTime } from "@/components/ui/time";
import { useMay } from "@/lib/session/session";
import { assignmentsQuery, type Role } from "@/features/team/api";
import { userHref } from "@/features/team/hrefs";
import { AssignDialog } from "./assign-dialog";
import { RemoveAssignment } from "./remove-assignment";

/** Who has the role, and where it counts. */
export function AssignmentsCard({ role }: { role: Role }) {
  const assignments = useInfiniteQuery(assignmentsQuery(role.id));
  const mayAssign = useMay("rbac:admin");
  const [assigns, setAssigns] = useState(false);
  const rows = assignments.data?.pages.flatMap((page) => page.role_assignments);
  return (
    <Card
      flush
      title="Who has it"
      description="Assigned to people; teams bring roles of their own by membership"
      actions={
        mayAssign && (
          <Button size="small" onClick={() => setAssigns(true)}>
            <Plus aria-hidden />
            Assign
          </Button>
        )
      }
    >
      {assignments.error && !rows ? (
        <Failed
          small
          what="The assignments"
          error={assignments.error}
          onRetry={() => void assignments.refetch()}
        />
      ) : !rows ? (
        <Skeleton className="m-4 h-32" />
      ) : rows.length === 0 ? (
        <Notice small icon={UserRound} title="Nobody was assigned it" />
      ) : (
        <PlainTable
          label="Assignments"
          columns={[
            { name: "Person" },
            { name: "Where", className: "w-24 sm:w-40" },
            { name: "Since", className: "w-28 max-sm:hidden" },
            { name: "Actions", className: "w-24", quiet: true },
          ]}
        >
          {rows.map((row) => (
            <tr key={row.id}>
              <td className="truncate">
                <Link href={userHref(row.user_id)} className="font-medium hover:underline">
                  <Name kind="user" id={row.user_id} />
                </Link>
              </td>
              <td className="truncate">
                <ScopeName type={row.scope_type} id={row.scope_id} />
              </td>
              <td className="text-ink-2 max-sm:hidden">
                <RelativeTime at={row.created_at} />
              </td>
              <td className="text-right">
                {mayAssign && <RemoveAssignment id={row.id} roleName={role.name} />}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      <More query={assignments} />
      <AssignDialog roleId={role.id} open={assigns} onOpenChange={setAssigns} />
    </Card>
  );
}
