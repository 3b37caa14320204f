import { TriangleAlert } from "lucide-react";
import { Badge, type Tone } from "@/components/ui/badge";
import { Revealed } from "@/components/revealed";

interface Flag {
  type?: string;
  severity?: string;
  message?: string;
  mcp_server?: string | null;
  tool_name?: string | null;
}

const TONES: Record<string, Tone> = { critical: "bad", high: "bad", medium: "warn" };

/** What was detected in a definition. */
export function Flags({ flags }: { flags: readonly object[] }) {
  if (flags.length === 0) return null;
  return (
    <ul aria-label="Findings" className="flex flex-col gap-2">
      {(flags as Flag[]).map((flag, at) => (
        <li
          key={at}
          className="flex flex-wrap items-start gap-x-2 gap-y-1 rounded-lg border border-bad/30 bg-bad-soft px-3 py-2 text-sm"
        >
          <Badge tone={TONES[flag.severity ?? ""]}>
            <TriangleAlert aria-hidden />
            {flag.severity ?? "unknown"}
          </Badge>
          <span className="font-medium">{flag.type?.replaceAll("_", " ")}</span>
          <span className="min-w-0 break-words">
            <Revealed text={flag.message ?? ""} />
            {flag.tool_name && ` (${flag.tool_name} of ${flag.mcp_server ?? "another server"})`}
          </span>
        </li>
      ))}
    </ul>
  );
}
