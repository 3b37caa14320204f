import { Name } from "@/components/names/name";
import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import { ClockTime, RelativeTime } from "@/components/ui/time";
import type { User } from "@/features/team/api";

export function UserFacts({ user }: { user: User }) {
  return (
    <Card title="Account">
      <Facts
        facts={[
          { name: "Id", value: <Mono>{user.id}</Mono>, copy: user.id },
          { name: "E-mail address", value: user.email, copy: user.email },
          { name: "Signs in by", value: user.auth_method === "sso" ? "SSO" : "Password" },
          {
            name: "Last signed in",
            value: user.last_login_at ? <RelativeTime at={user.last_login_at} /> : "Never",
          },
          {
            name: "Last active",
            value: user.last_active_at ? <RelativeTime at={user.last_active_at} /> : "Never",
          },
          { name: "Joined", value: <ClockTime at={user.created_at} /> },
          { name: "Invited by", value: user.created_by && <Name kind="user" id={user.created_by} /> },
        ]}
      />
    </Card>
  );
}
