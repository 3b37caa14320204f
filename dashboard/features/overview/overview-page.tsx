"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { Page } from "@/components/layout/page";
import { Failed } from "@/components/states/states";
import { firstRoute } from "@/config/routes";
import { useMe } from "@/lib/session/session";
import { nameRange } from "@/lib/time-range/time-range";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { overviewQuery } from "./api";
import { Attention } from "./attention";
import { Figures } from "./figures";
import { LatencyChart } from "./latency-chart";
import { NoCallsYet } from "./no-calls-yet";
import { RecentTraces } from "./recent-traces";
import { RequestsChart } from "./requests-chart";
import { TopServers } from "./top-servers";

export function OverviewPage() {
  useBeginElsewhere();
  return (
    <Page title="Overview" permission="traces:read" description={<Range />}>
      <Content />
    </Page>
  );
}

/** People sign in to this page, also those who may not see it. */
function useBeginElsewhere() {
  const { permissions } = useMe();
  const { replace } = useRouter();
  const first = firstRoute(permissions)?.path ?? "/";
  useEffect(() => {
    if (first !== "/") replace(first);
  }, [first, replace]);
}

function Range() {
  const [range] = useTimeRange();
  return nameRange(range);
}

// Beneath the page, which asks for nothing where it may not.
function Content() {
  const [range] = useTimeRange();
  const overview = useQuery(overviewQuery(range));
  if (overview.error && !overview.data) {
    return <Failed what="The overview" error={overview.error} onRetry={() => void overview.refetch()} />;
  }
  return (
    <>
      {overview.data && <NoCallsYet overview={overview.data} />}
      <Attention />
      <Figures range={range} overview={overview.data} />
      <div className="grid gap-5 xl:grid-cols-2">
        <RequestsChart range={range} />
        <LatencyChart range={range} />
      </div>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <TopServers range={range} />
        <RecentTraces />
      </div>
    </>
  );
}
