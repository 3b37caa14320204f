"use client";

import { Link } from "@/components/link";
import { ScopeName } from "@/components/names/scope-name";
import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import { useMay, type Me } from "@/lib/session/session";

/** What one is here: roles, teams and what they come to. */
export function AccessCard({ me }: { me: Me }) {
  const mayExplain = useMay("users:read");
  return (
    <Card
      title="What you may do"
      actions={
        mayExplain && (
          <Link href="/team?tab=access" className="text-sm text-accent hover:underline">
            One by one, and why
          </Link>
        )
      }
    >
      <Facts
        facts={[
          {
            name: "Roles",
            value: me.roles.length > 0 && (
              <ul>
                {me.roles.map((role) => (
                  <li key={`${role.role_id} ${role.scope_id ?? ""}`}>
                    {role.name}: <ScopeName type={role.scope_type} id={role.scope_id} />
                  </li>
                ))}
              </ul>
            ),
          },
          {
            name: "Teams",
            value: me.teams.map((team) => `${team.name} (${team.role})`).join(", "),
          },
          {
            name: "Permissions",
            value: (
              <ul>
                {me.permissions.map((permission) => (
                  <li key={permission}>
                    <Mono>{permission}</Mono>
                  </li>
                ))}
              </ul>
            ),
          },
        ]}
      />
    </Card>
  );
}
