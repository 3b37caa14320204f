"use client";

import { Plus, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { Link } from "@/components/link";
import { ScopeName } from "@/components/names/scope-name";
import { Notice } from "@/components/states/notice";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { useMay } from "@/lib/session/session";
import type { User } from "@/features/team/api";
import { roleHref } from "@/features/team/hrefs";
import { AssignDialog } from "@/features/team/roles/assign-dialog";
import { RemoveAssignment } from "@/features/team/roles/remove-assignment";

export function UserRolesCard({ user }: { user: User }) {
  const mayAssign = useMay("rbac:admin");
  const mayRead = useMay("rbac:read");
  const [assigns, setAssigns] = useState(false);
  return (
    <Card
      flush
      title="Roles"
      description="Assigned to them; teams bring roles of their own"
      actions={
        mayAssign && (
          <Button size="small" onClick={() => setAssigns(true)}>
            <Plus aria-hidden />
            Assign
          </Button>
        )
      }
    >
      {user.roles.length === 0 ? (
        <Notice small icon={ShieldCheck} title="No role was assigned" />
      ) : (
        <ul className="divide-y border-t">
          {user.roles.map((role) => (
            <li key={role.assignment_id} className="flex items-center gap-3 px-4 py-2 text-sm sm:px-5">
              <div className="min-w-0 grow">
                {mayRead ? (
                  <Link href={roleHref(role.role_id)} className="font-medium hover:underline">
                    {role.name}
                  </Link>
                ) : (
                  <span className="font-medium">{role.name}</span>
                )}
                <p className="text-ink-3">
                  <ScopeName type={role.scope_type} id={role.scope_id} />
                </p>
              </div>
              {mayAssign && <RemoveAssignment id={role.assignment_id} roleName={role.name} />}
            </li>
          ))}
        </ul>
      )}
      <AssignDialog userId={user.id} open={assigns} onOpenChange={setAssigns} />
    </Card>
  );
}
