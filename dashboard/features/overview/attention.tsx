"use client";

import { useQuery } from "@tanstack/react-query";
import { BellRing, CircleCheck, FileDiff, HeartPulse, UserCheck, type LucideIcon } from "lucide-react";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { pathIfBuilt } from "@/config/routes";
import { plural } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import { driftQuery, illServersQuery, type Overview } from "./api";

interface Item {
  icon: LucideIcon;
  title: string;
  says: string;
  path: string;
}

/** What waits for a person: each leads to where it is decided, once there is such a page. */
export function Attention({ overview }: { overview: Overview | undefined }) {
  const mayServers = useMay("servers:read");
  const mayApprovals = useMay("approvals:read");
  const mayAlerts = useMay("alerts:read");
  const drift = useQuery({ ...driftQuery, enabled: mayServers });
  const ill = useQuery({ ...illServersQuery, enabled: mayServers });
  const isKnown = overview !== undefined && (!mayServers || (drift.isFetched && ill.isFetched));

  const items = [
    mayApprovals && overview && approvals(overview.pending_approvals),
    mayAlerts && overview && alerts(overview.firing_alerts),
    drifted(drift.data ?? 0),
    servers(ill.data?.mcp_servers.map((server) => server.name) ?? []),
  ].filter((item) => item !== false && item !== undefined && item !== null);

  return (
    <Card
      flush
      title="Needs attention"
      description="Now, whatever the range of time"
      className="lg:max-2xl:col-span-2"
    >
      {isKnown ? (
        <Items items={items} unknown={drift.isError || ill.isError} />
      ) : (
        <Skeleton className="m-4 h-28" />
      )}
    </Card>
  );
}

function Items({ items, unknown }: { items: readonly Item[]; unknown: boolean }) {
  if (items.length === 0 && !unknown)
    return <Notice small icon={CircleCheck} title="Nothing waits for you" />;
  return (
    <ul className="border-t">
      {items.map((item) => (
        <li key={item.title} className="border-b last:border-0">
          <Entry {...item} />
        </li>
      ))}
      {unknown && (
        <li className="px-5 py-3 text-sm text-ink-2">
          The state of servers and tools could not be found out.
        </li>
      )}
    </ul>
  );
}

function Entry({ icon: Icon, title, says, path }: Item) {
  const href = pathIfBuilt(path);
  const content = (
    <>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      <span className="min-w-0">
        <span className="block text-sm font-medium">{title}</span>
        <span className="block text-sm text-ink-2">{says}</span>
      </span>
    </>
  );
  const look = "flex items-start gap-3 px-4 py-3 sm:px-5";
  if (!href) return <div className={look}>{content}</div>;
  return (
    <Link href={href} className={`${look} hover:bg-sunken/60`}>
      {content}
    </Link>
  );
}

function approvals(waiting: number): Item | null {
  if (waiting === 0) return null;
  const says = "Agents wait for a person's yes or no.";
  return { icon: UserCheck, title: plural(waiting, "pending approval"), says, path: "/approvals" };
}

function alerts(firing: number): Item | null {
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

function servers(names: readonly string[]): Item | null {
  if (names.length === 0) return null;
  return {
    icon: HeartPulse,
    title: plural(names.length, "unwell server"),
    says: names.join(", "),
    path: "/servers",
  };
}
