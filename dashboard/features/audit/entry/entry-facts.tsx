import type { ReactNode } from "react";
import { Link, linkClass } from "@/components/link";
import { TraceLink } from "@/components/trace-link";
import { Facts, Mono } from "@/components/ui/facts";
import type { AuditLog, Filter } from "@/features/audit/api";
import { actorOf, resourceOf } from "@/features/audit/who-and-what";
import { inWords } from "@/lib/in-words";
import { count } from "@/lib/number";
import { exactTime } from "@/lib/time/time";

/** Who, what, from where, and what proves it. Each leads to what else there is of it. */
export function EntryFacts({ entry }: { entry: AuditLog }) {
  const resource = resourceOf(entry);
  return (
    <div className="flex flex-col gap-5">
      <Facts
        title="Who"
        facts={[
          { name: "By", value: <Others by="actor_id" value={entry.actor_id} says={actorOf(entry)} /> },
          { name: "Kind", value: inWords(entry.actor_type) },
          { name: "Id", value: entry.actor_id && <Mono>{entry.actor_id}</Mono>, copy: entry.actor_id },
          {
            name: "Address",
            value: entry.ip_address && (
              <Others by="ip_address" value={entry.ip_address} says={entry.ip_address} />
            ),
          },
          { name: "Client", value: entry.user_agent },
        ]}
      />
      <Facts
        title="On what"
        facts={[
          {
            name: "Resource",
            value: resource && <Others by="resource_id" value={entry.resource_id} says={resource} />,
          },
          { name: "Kind", value: entry.resource_type && inWords(entry.resource_type) },
          {
            name: "Id",
            value: entry.resource_id && <Mono>{entry.resource_id}</Mono>,
            copy: entry.resource_id,
          },
        ]}
      />
      <Facts
        title="When and with what"
        facts={[
          { name: "Time", value: exactTime(entry.created_at) },
          {
            name: "Request",
            value: entry.request_id && (
              <Others by="request_id" value={entry.request_id} says={<Mono>{entry.request_id}</Mono>} />
            ),
          },
          {
            name: "Trace",
            value: entry.trace_id && <TraceLink id={entry.trace_id} />,
          },
        ]}
      />
      <Facts
        title="In the chain"
        facts={[
          { name: "Number", value: count(entry.seq) },
          { name: "Hash", value: <Mono>{entry.hash}</Mono>, copy: entry.hash },
          { name: "Of the row before", value: <Mono>{entry.prev_hash}</Mono>, copy: entry.prev_hash },
        ]}
      />
    </div>
  );
}

/** The log by this value, over as long as can be asked for at once. */
function Others({ by, value, says }: { by: Filter; value: string | null; says: ReactNode }) {
  if (!value) return says;
  return (
    <Link href={`/audit?period=quarter&${by}=${encodeURIComponent(value)}`} className={linkClass}>
      {says}
    </Link>
  );
}
