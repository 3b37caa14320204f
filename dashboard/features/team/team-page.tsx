"use client";

import { UserPlus } from "lucide-react";
import { Can } from "@/components/can";
import { Page } from "@/components/layout/page";
import { Button } from "@/components/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { may } from "@/lib/permission/permission";
import { useMe } from "@/lib/session/session";
import { useUrl } from "@/lib/url/use-url";
import { AccessTab } from "./access/access-tab";
import { InvitesTab } from "./invites/invites-tab";
import { RolesTab } from "./roles/roles-tab";
import { TeamsTab } from "./teams/teams-tab";
import { UsersTab } from "./users/users-tab";

const TABS = [
  { id: "people", name: "People", permission: "users:read", content: UsersTab },
  { id: "invites", name: "Invites", permission: "users:read", content: InvitesTab },
  { id: "teams", name: "Teams", permission: "teams:read", content: TeamsTab },
  { id: "roles", name: "Roles", permission: "rbac:read", content: RolesTab },
  { id: "access", name: "Who can do what", permission: "users:read", content: AccessTab },
];

/** What belongs to one tab leaves the URL with it. */
const OF_A_TAB = {
  q: null,
  sort: null,
  status: null,
  role: null,
  team_id: null,
  user_id: null,
  for: null,
  held: null,
  new: null,
};

export function TeamPage() {
  const { permissions } = useMe();
  const { parameters, change } = useUrl();
  const tabs = TABS.filter(({ permission }) => may(permissions, permission));
  const asked = parameters.get("tab");
  const tab = tabs.find(({ id }) => id === asked) ?? tabs[0];
  const go = (id: string) => change({ ...OF_A_TAB, tab: id === "people" ? null : id }, "push");
  return (
    <Page
      fill
      title="Team"
      permission="users:read"
      description="Who is here, in which teams, and what each may do"
      actions={
        <Can permission="users:admin">
          <Button
            look="primary"
            onClick={() => change({ ...OF_A_TAB, tab: "invites", new: "invite" }, "push")}
          >
            <UserPlus aria-hidden />
            Invite
          </Button>
        </Can>
      }
    >
      <Tabs value={tab?.id ?? ""} onValueChange={go} className="flex min-h-0 grow flex-col gap-4">
        <TabsList className="shrink-0 overflow-x-auto !px-0">
          {tabs.map(({ id, name }) => (
            <TabsTrigger key={id} value={id} className="shrink-0">
              {name}
            </TabsTrigger>
          ))}
        </TabsList>
        {tabs.map(({ id, content: Content }) => (
          <TabsContent key={id} value={id} className="flex min-h-0 grow flex-col gap-4">
            <Content />
          </TabsContent>
        ))}
      </Tabs>
    </Page>
  );
}
