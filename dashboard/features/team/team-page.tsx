"use client";

import { UserPlus } from "lucide-react";
import { Can } from "@/components/can";
import { Page } from "@/components/layout/page";
import { ViewTabs } from "@/components/layout/view-tabs";
import { Link } from "@/components/link";
import { buttonClass } from "@/components/ui/button";
import { may } from "@/lib/permission/permission";
import { useMe } from "@/lib/session/session";
import { AccessTab } from "./access/access-tab";
import { InvitesTab } from "./invites/invites-tab";
import { RolesTab } from "./roles/roles-tab";
import { TeamsTab } from "./teams/teams-tab";
import { UsersTab } from "./users/users-tab";

const VIEWS = [
  { id: "people", name: "People", permission: "users:read", content: <UsersTab /> },
  { id: "invites", name: "Invites", permission: "users:read", content: <InvitesTab /> },
  { id: "teams", name: "Teams", permission: "teams:read", content: <TeamsTab /> },
  { id: "roles", name: "Roles", permission: "rbac:read", content: <RolesTab /> },
  { id: "access", name: "Who can do what", permission: "users:read", content: <AccessTab /> },
];

export function TeamPage() {
  const { permissions } = useMe();
  return (
    <Page
      fill
      title="Team"
      permission="users:read"
      description="Who is here, in which teams, and what each may do"
      actions={
        <Can permission="users:admin">
          <Link href="/team?tab=invites&new=invite" className={buttonClass({ look: "primary" })}>
            <UserPlus aria-hidden />
            Invite
          </Link>
        </Can>
      }
    >
      <ViewTabs label="Team" views={VIEWS.filter(({ permission }) => may(permissions, permission))} />
    </Page>
  );
}
