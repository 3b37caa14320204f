import { Link } from "@/components/link";
import { RelativeTime } from "@/components/ui/time";
import type { Approval } from "./api";
import { approvalHref } from "./approval-href";
import { ArgumentsView } from "./arguments-view";
import { Countdown } from "./countdown";
import { Decisions } from "./decisions";
import { requesterOf } from "./who";

/** One that waits: all that is needed to decide. */
export function InboxCard({ approval }: { approval: Approval }) {
  const title = `approval-${approval.id}`;
  return (
    <article
      aria-labelledby={title}
      className="flex min-w-0 flex-col gap-4 rounded-xl border bg-surface p-4 shadow-card sm:p-5"
    >
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <h2 id={title} className="text-base font-medium break-words">
            <Link href={approvalHref(approval)} className="hover:underline">
              {approval.tool_name} <span className="font-normal text-ink-2">on {approval.mcp_server}</span>
            </Link>
          </h2>
          <p className="text-sm break-words text-ink-2">
            {requesterOf(approval)}, <RelativeTime at={approval.created_at} />
          </p>
        </div>
        <Countdown until={approval.expires_at} />
      </header>
      {approval.reason && <Reason text={approval.reason} />}
      <ArgumentsView value={approval.arguments} />
      <Decisions approval={approval} />
    </article>
  );
}

/** Why it is asked for, in the words of who asks. */
export function Reason({ text }: { text: string }) {
  return (
    <blockquote className="border-l-2 border-line-strong pl-3 text-sm break-words whitespace-pre-wrap">
      {text}
    </blockquote>
  );
}
