"use client";

import { useQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { BarList, type Bar } from "@/components/charts/bar-list";
import { ChartCard } from "@/components/charts/chart-card";
import type { Series } from "@/components/charts/series";
import type { ListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { inWords } from "@/lib/in-words";
import { plural, shortCount } from "@/lib/number";
import type { TimeRange } from "@/lib/time-range/time-range";
import type { Schemas } from "@/lib/api/client";
import { DAY_MS } from "@/lib/time/units";
import { statsQuery, type Filter } from "./api";
import { LogFilters } from "./log-filters";

interface Day {
  time: string;
  total: number;
}

const SERIES: Series<Day>[] = [
  { key: "total", name: "Recorded", tone: 1, look: "bar", value: ({ total }) => total },
];

/** What the rows that pass the filters come to. */
export function Figures({ range, list }: { range: TimeRange; list: ListState<Filter> }) {
  const stats = useQuery(statsQuery(range, list.filters));
  return (
    <>
      <LogFilters range={range} list={list} />
      {stats.data ? (
        <Counted stats={stats.data} />
      ) : stats.error ? (
        <Failed what="The figures" error={stats.error} onRetry={() => void stats.refetch()} />
      ) : (
        <Skeleton className="h-72 w-full" />
      )}
    </>
  );
}

function Counted({ stats }: { stats: Schemas["AuditStats"] }) {
  const linkTo = useLinkTo();
  if (stats.total === 0) {
    return (
      <Notice icon={ScrollText} title="Nothing recorded is like that">
        <p>Choose a longer range above, or fewer filters.</p>
      </Notice>
    );
  }
  const bars = (counts: Schemas["AuditCount"][], filter: Filter, name = inWords): Bar[] =>
    counts.map(({ value, count }) => ({
      key: value,
      name: name(value),
      value: count,
      href: linkTo(filter, value),
    }));
  return (
    <>
      <ChartCard
        title="Recorded"
        description={`${plural(stats.total, "row")}, by day (UTC)`}
        rows={stats.daily.map(({ date, total }) => ({ time: `${date}T00:00:00Z`, total }))}
        stepMs={DAY_MS}
        series={SERIES}
        format={shortCount}
        error={null}
        onRetry={() => undefined}
        isEmpty={false}
      />
      <div className="grid items-start gap-5 lg:grid-cols-3">
        <Card title="By action">
          <BarList bars={bars(stats.by_action, "action", String)} />
        </Card>
        <Card title="By outcome">
          <BarList bars={bars(stats.by_outcome, "outcome")} />
        </Card>
        <Card title="By kind of actor">
          <BarList bars={bars(stats.by_actor_type, "actor_type")} />
        </Card>
      </div>
    </>
  );
}

/** The log by one more filter, with all that the page is about already. */
function useLinkTo(): (filter: Filter, value: string) => string {
  const parameters = useSearchParams();
  return (filter, value) => {
    const query = new URLSearchParams(parameters.toString());
    query.delete("tab");
    query.set(filter, value);
    return `/audit?${query.toString()}`;
  };
}
