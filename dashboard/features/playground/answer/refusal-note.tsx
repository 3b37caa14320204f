import { Link } from "@/components/link";
import { RequestId } from "@/components/states/states";
import { buttonClass } from "@/components/ui/button";
import { JsonBlock } from "@/components/ui/json-block";
import { pathIfBuilt } from "@/config/routes";
import type { Refusal } from "@/features/playground/mcp/outcome";

/** What to do next, by the code of a refusal. */
const NEXT: Record<string, string> = {
  approval_required: "Once somebody has approved it, call again with the same arguments.",
  approval_denied: "Somebody looked at this very call and said no.",
  tool_denied: "A rule, a permission or the tool's classification does not let you call it.",
  tool_quarantined: "Its definition is new or has changed, and nobody has reviewed it yet.",
  scope_denied: "Your credentials do not cover this server or tool.",
  permission_denied: "You lack the permission to call tools here.",
  safety_blocked: "A safety policy found something in the arguments or in the result.",
  budget_exceeded: "A budget is used up. Trying again does not help until it is raised or begins anew.",
  rate_limited: "Too many calls in too short a time. Wait a little.",
  quota_exceeded: "A quota is used up.",
  circuit_open: "The server failed too often; for some seconds no call reaches it.",
  upstream_error: "The server failed, or its answer could not be used.",
  upstream_timeout: "The server did not answer in time.",
  origin_not_allowed: "The proxy does not take calls from this page: its PROXY_ALLOWED_ORIGINS must list it.",
  config_stale: "The proxy has not heard from the control plane for too long.",
};

/** Why the call was not let through, or what failed. */
export function RefusalNote({ refusal, requestId }: { refusal: Refusal; requestId: string | null }) {
  const { code, message, details } = refusal;
  const approval = typeof details.approval_id === "string" ? details.approval_id : null;
  return (
    <div className="flex flex-col items-start gap-3 text-sm">
      <div>
        <p className="font-medium break-words">{message || code}</p>
        <code className="font-mono text-xs text-ink-3">{code}</code>
      </div>
      {NEXT[code] && <p className="max-w-prose text-ink-2">{NEXT[code]}</p>}
      {approval && <ApprovalLink id={approval} />}
      {Object.keys(details).length > 0 && (
        <div className="w-full">
          <JsonBlock label="Details" value={details} />
        </div>
      )}
      <RequestId id={requestId} />
    </div>
  );
}

function ApprovalLink({ id }: { id: string }) {
  const href = `/approvals?id=${encodeURIComponent(id)}`;
  if (pathIfBuilt("/approvals")) {
    return (
      <Link href={href} className={buttonClass()}>
        Open the approval
      </Link>
    );
  }
  // A page of the control plane's own, until the dashboard has one.
  return (
    <a href={href} className={buttonClass()}>
      Open the approval
    </a>
  );
}
