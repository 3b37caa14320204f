"use client";

import { useQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { BarList, type Bar } from "@/components/charts/bar-list";
import { ChartCard } from "@/components/charts/chart-card";
import type { Series } from "@/components/charts/series";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { summaryQuery, type DetectionFilter, type Summary } from "@/features/safety/api";
import { DETECTORS, nameIn } from "@/features/safety/vocabulary";
import { inWords } from "@/lib/in-words";
import { plural, shortCount } from "@/lib/number";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { useUrl } from "@/lib/url/use-url";
import { DAY_MS } from "@/lib/time/units";

interface Day {
  time: string;
  blocked: number;
  others: number;
}

const SERIES: Series<Day>[] = [
  { key: "others", name: "Redacted, warned or logged", tone: 1, look: "bar", value: ({ others }) => others },
  { key: "blocked", name: "Blocked", tone: 3, look: "bar", value: ({ blocked }) => blocked },
];

export function SummaryView() {
  const [range] = useTimeRange();
  const summary = useQuery(summaryQuery(range));
  if (summary.data) return <Figures summary={summary.data} />;
  if (summary.error)
    return <Failed what="The summary" error={summary.error} onRetry={() => void summary.refetch()} />;
  return (
    <div role="status" aria-label="Loading">
      <Skeleton className="h-72 w-full" />
    </div>
  );
}

function Figures({ summary }: { summary: Summary }) {
  const linkTo = useLinkTo();
  if (summary.total_detections === 0) {
    return (
      <Notice icon={ShieldCheck} title="Nothing was found in this range of time">
        <p>Choose a longer one above. Whether a policy would find something can be tried in the test.</p>
      </Notice>
    );
  }
  const bars = (counts: Record<string, number>, filter: DetectionFilter, name = inWords): Bar[] =>
    Object.entries(counts).map(([value, count]) => ({
      key: value,
      name: name(value),
      value: count,
      href: linkTo(filter, value),
    }));
  return (
    <>
      <ChartCard
        title="Detections"
        description={`${plural(summary.total_detections, "detection")}, ${shortCount(summary.blocked_count)} blocked, by day (UTC)`}
        rows={summary.timeline.map(({ date, count, blocked }) => ({
          time: `${date}T00:00:00Z`,
          blocked,
          others: count - blocked,
        }))}
        stepMs={DAY_MS}
        series={SERIES}
        stacked
        format={shortCount}
        error={null}
        onRetry={() => undefined}
        isEmpty={false}
      />
      <div className="grid items-start gap-5 md:grid-cols-2 2xl:grid-cols-5">
        <Card title="By type">
          <BarList most={11} bars={bars(summary.by_type, "type", (type) => nameIn(DETECTORS, type))} />
        </Card>
        <Card title="By severity">
          <BarList bars={bars(summary.by_severity, "severity")} />
        </Card>
        <Card title="By what was done">
          <BarList bars={bars(summary.by_action, "action")} />
        </Card>
        <Card title="By server">
          <BarList bars={bars(summary.by_server, "mcp_server", String)} />
        </Card>
        <Card title="Rules that found most">
          <BarList
            bars={summary.top_rules.map(({ rule, count }) => ({ key: rule, name: rule, value: count }))}
          />
        </Card>
      </div>
    </>
  );
}

/** The detections of this kind, of the same range of time. */
function useLinkTo(): (filter: DetectionFilter, value: string) => string {
  const { parameters } = useUrl();
  return (filter, value) => {
    const query = new URLSearchParams(parameters.toString());
    query.set("tab", "detections");
    query.set(filter, value);
    return `/safety?${query.toString()}`;
  };
}
