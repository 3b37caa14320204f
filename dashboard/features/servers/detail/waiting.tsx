import { FileDiff } from "lucide-react";
import { Link } from "@/components/link";
import { plural } from "@/lib/number";
import type { Server } from "@/features/servers/api";

/** Tools of the server that nobody has reviewed since they appeared or changed. */
export function Waiting({ server }: { server: Server }) {
  if (server.pending_review_count === 0) return null;
  return (
    <Link
      href={`/tools?tab=review&mcp_server=${encodeURIComponent(server.name)}`}
      className="flex items-center gap-3 rounded-xl border bg-surface px-4 py-3 text-sm shadow-card hover:bg-sunken/60 sm:px-5"
    >
      <span className="flex size-8 shrink-0 items-center justify-center rounded-lg bg-warn-soft text-warn">
        <FileDiff aria-hidden className="size-4" />
      </span>
      <span>
        <span className="block font-medium">
          {plural(server.pending_review_count, "definition", "definitions")} to review
        </span>
        <span className="block text-ink-2">New or changed since somebody looked at them.</span>
      </span>
    </Link>
  );
}
