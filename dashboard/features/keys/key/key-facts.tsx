import { Name } from "@/components/names/name";
import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import { ClockTime } from "@/components/ui/time";
import { count } from "@/lib/number";
import type { ApiKey } from "@/features/keys/api";
import { ENVIRONMENTS, type Environment } from "@/lib/environments";

function List({ values, none }: { values: readonly string[]; none: string }) {
  if (values.length === 0) return <span className="text-ink-3">{none}</span>;
  return (
    <ul className="flex flex-col gap-0.5">
      {values.map((value) => (
        <li key={value}>
          <Mono>{value}</Mono>
        </li>
      ))}
    </ul>
  );
}

/** All that there is to say about a key. */
export function KeyFacts({ apiKey: key }: { apiKey: ApiKey }) {
  const metadata = Object.entries(key.metadata);
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      <Card title="What it may do">
        <Facts
          facts={[
            { name: "Permissions", value: <List values={key.permissions} none="None" /> },
            { name: "Servers", value: <List values={key.servers} none="None" /> },
            { name: "Tools", value: <List values={key.tools} none="None" /> },
            {
              name: "Requests a minute",
              value: key.rate_limit_rpm === null ? "As the environment" : count(key.rate_limit_rpm),
            },
            { name: "Addresses", value: <List values={key.ip_allowlist} none="Any" /> },
          ]}
        />
      </Card>
      <Card title="What it is">
        <Facts
          facts={[
            { name: "Id", value: <Mono>{key.id}</Mono>, copy: key.id },
            { name: "Begins with", value: <Mono>{key.key_prefix}</Mono> },
            { name: "Environment", value: ENVIRONMENTS[key.environment as Environment] ?? key.environment },
            { name: "Owner", value: key.user_id ? <Name kind="user" id={key.user_id} /> : "A service" },
            { name: "Team", value: key.team_id && <Name kind="team" id={key.team_id} /> },
            { name: "Description", value: key.description },
            { name: "Made", value: <ClockTime at={key.created_at} /> },
            { name: "Made by", value: key.created_by && <Name kind="user" id={key.created_by} /> },
            { name: "Last used", value: key.last_used_at ? <ClockTime at={key.last_used_at} /> : "Never" },
            { name: "Expires", value: key.expires_at ? <ClockTime at={key.expires_at} /> : "Never" },
            {
              name: "Old secret until",
              value: key.previous_key_valid_until && <ClockTime at={key.previous_key_valid_until} />,
            },
            { name: "Revoked", value: key.revoked_at && <ClockTime at={key.revoked_at} /> },
          ]}
        />
        {metadata.length > 0 && (
          <Facts title="Metadata" facts={metadata.map(([name, value]) => ({ name, value: String(value) }))} />
        )}
      </Card>
    </div>
  );
}
