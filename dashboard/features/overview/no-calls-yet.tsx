import { Cable } from "lucide-react";
import type { Overview } from "./api";

/** The next step, for an organization through whose gateway nothing has gone in this range or before it. */
export function NoCallsYet({ overview }: { overview: Overview }) {
  if (overview.total_requests.value > 0 || overview.total_requests.previous > 0) return null;
  return (
    <section className="flex items-start gap-4 rounded-xl border border-accent/30 bg-accent-soft p-4 sm:p-5">
      <Cable aria-hidden className="mt-0.5 size-5 shrink-0 text-accent" />
      <div>
        <h2 className="font-medium">No calls yet</h2>
        <p className="mt-0.5 max-w-prose text-sm text-ink-2">{nextStep(overview)}</p>
      </div>
    </section>
  );
}

function nextStep({ active_servers, active_keys }: Overview): string {
  if (active_servers === 0)
    return "First register an MCP server, then make an API key for whoever is to call it.";
  if (active_keys === 0) return "There is a server. Make an API key for whoever is to call it.";
  return "A server and a key are there. Point an MCP client at the gateway: each call is here a second after it ends.";
}
