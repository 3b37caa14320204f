"use client";

import { useQuery } from "@tanstack/react-query";
import { BellRing, CircleCheck, FileDiff, HeartPulse, UserCheck, type LucideIcon } from "lucide-react";
import { Link } from "@/components/link";
import { Skeleton } from "@/components/ui/skeleton";
import { pathIfBuilt } from "@/config/routes";
import { driftQuery, firingAlertsQuery, pendingApprovalsQuery } from "@/lib/attention/attention";
import { plural } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import { illServersQuery } from "./api";

interface Item {
  icon: LucideIcon;
  title: string;
  says: string;
  path: string;
}

/** What waits for a person: each leads to where it is decided, once there is such a page. */
export function Attention() {
  const mayServers = useMay("servers:read");
  const approvals = useQuery({ ...pendingApprovalsQuery, enabled: useMay("approvals:read") });
  const alerts = useQuery({ ...firingAlertsQuery, enabled: useMay("alerts:read") });
  const drift = useQuery({ ...driftQuery, enabled: mayServers });
  const ill = useQuery({ ...illServersQuery, enabled: mayServers });

  const asked = [approvals, alerts, drift, ill];
  if (asked.some((query) => query.isLoading)) return <Skeleton className="h-14" />;
  const items = [
    pending(approvals.data ?? 0),
    firing(alerts.data ?? 0),
    drifted(drift.data ?? 0),
    unwell(ill.data?.mcp_servers.map((server) => server.name) ?? []),
  ];
  return (
    <Strip
      items={items.filter((item) => item !== null)}
      unknown={asked.some((query) => query.isError && !query.data)}
    />
  );
}

function Strip({ items, unknown }: { items: readonly Item[]; unknown: boolean }) {
  return (
    <section aria-label="Needs attention" className="rounded-xl border bg-surface shadow-card">
      <ul className="grid grid-cols-[repeat(auto-fit,minmax(min(17rem,100%),1fr))]">
        {items.map((item) => (
          <li key={item.title}>
            <Entry {...item} />
          </li>
        ))}
        {unknown && (
          <li className="px-5 py-3 text-sm text-ink-2">
            Not everything could be found out: there may be more.
          </li>
        )}
        {items.length === 0 && !unknown && (
          <li className="flex items-center gap-3 px-4 py-3 text-sm text-ink-2 sm:px-5">
            <CircleCheck aria-hidden className="size-4 text-ok" />
            Nothing needs your attention
          </li>
        )}
      </ul>
    </section>
  );
}

function Entry({ icon: Icon, title, says, path }: Item) {
  const href = pathIfBuilt(path);
  const content = (
    <>
      <span className="flex size-8 shrink-0 items-center justify-center rounded-lg bg-warn-soft text-warn">
        <Icon aria-hidden className="size-4" />
      </span>
      <span className="min-w-0 text-sm">
        <span className="block font-medium">{title}</span>
        <span className="block text-ink-2">{says}</span>
      </span>
    </>
  );
  const look = "flex h-full items-center gap-3 px-4 py-3 sm:px-5";
  if (!href) return <div className={look}>{content}</div>;
  return (
    <Link href={href} className={`${look} hover:bg-sunken/60`}>
      {content}
    </Link>
  );
}

function pending(waiting: number): Item | null {
  if (waiting === 0) return null;
  const says = "Agents wait for a person's yes or no.";
  return { icon: UserCheck, title: plural(waiting, "pending approval"), says, path: "/approvals" };
}

function firing(firing: number): Item | null {
  if (firing === 0) return null;
  return {
    icon: BellRing,
    title: plural(firing, "firing alert"),
    says: "Not acknowledged yet.",
    path: "/alerts",
  };
}

function drifted(tools: number): Item | null {
  if (tools === 0) return null;
  const says = "Their definitions are new or have changed since they were reviewed.";
  return { icon: FileDiff, title: plural(tools, "tool to review", "tools to review"), says, path: "/tools" };
}

function unwell(names: readonly string[]): Item | null {
  if (names.length === 0) return null;
  return {
    icon: HeartPulse,
    title: plural(names.length, "unwell server"),
    says: names.join(", "),
    path: "/servers",
  };
}
