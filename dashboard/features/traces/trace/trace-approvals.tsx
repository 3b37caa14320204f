import { Badge, type Tone } from "@/components/ui/badge";
import { Can } from "@/components/can";
import { Link, linkClass } from "@/components/link";
import { Card } from "@/components/ui/card";
import { RelativeTime } from "@/components/ui/time";
import type { Trace } from "@/features/traces/api";
import { cn } from "@/lib/cn";
import { inWords } from "@/lib/in-words";

const STATUSES: Record<string, Tone> = { pending: "warn", approved: "ok", consumed: "ok", denied: "bad" };

/** Whom the call was put before, and what they said. */
export function TraceApprovals({ approvals }: Pick<Trace, "approvals">) {
  if (approvals.length === 0) return null;
  return (
    <Card flush title="Approvals" description="A person was asked before the call could go on">
      <ul className="border-t">
        {approvals.map((approval) => (
          <li
            key={approval.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b px-4 py-2.5 text-sm last:border-0 sm:px-5"
          >
            <span className="font-medium">
              {approval.tool_name} <span className="font-normal text-ink-2">on {approval.mcp_server}</span>
            </span>
            <Badge tone={STATUSES[approval.status]}>{inWords(approval.status)}</Badge>
            <span className="text-ink-2">
              Asked <RelativeTime at={approval.created_at} />
              {approval.reviewed_at && (
                <>
                  , decided <RelativeTime at={approval.reviewed_at} />
                </>
              )}
            </span>
            <Can permission="approvals:read">
              <Link href={`/approvals?id=${approval.id}`} className={cn("ml-auto", linkClass)}>
                Open
              </Link>
            </Can>
          </li>
        ))}
      </ul>
    </Card>
  );
}
