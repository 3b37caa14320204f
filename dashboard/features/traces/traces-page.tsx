"use client";

import { useQuery } from "@tanstack/react-query";
import { Download, Radio } from "lucide-react";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { useListState } from "@/components/data-table/use-list-state";
import { Can } from "@/components/can";
import { Page } from "@/components/layout/page";
import { Button, buttonClass } from "@/components/ui/button";
import { useMay } from "@/lib/session/session";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { useUrl } from "@/lib/url/use-url";
import { DEFAULT_SORT, exportHref, FILTERS, statsQuery } from "./api";
import { LiveTable } from "./live-table";
import { HIDDEN_AT_FIRST, TRACES_COLUMNS } from "./traces-columns";
import { TracesFilters } from "./traces-filters";
import { TracesSummary } from "./traces-summary";
import { TracesTable } from "./traces-table";

export function TracesPage() {
  const [range] = useTimeRange();
  const list = useListState(FILTERS, DEFAULT_SORT);
  const [visibility, setVisible] = useColumns("traces", HIDDEN_AT_FIRST);
  const { parameters, change } = useUrl();
  const live = parameters.get("live") === "1";
  const mayRead = useMay("traces:read");
  const stats = useQuery({ ...statsQuery(range, list.filters), enabled: mayRead && !live });

  return (
    <Page
      fill
      title="Traces"
      permission="traces:read"
      description={live ? "Calls as they end, the newest first" : <TracesSummary stats={stats.data} />}
      actions={
        <>
          <Button
            aria-pressed={live}
            look={live ? "primary" : "secondary"}
            onClick={() => change({ live: live ? null : "1" })}
          >
            <Radio aria-hidden />
            Live
          </Button>
          <Can permission="traces:export">
            <a
              href={exportHref(range, list.filters)}
              download
              className={buttonClass()}
              aria-label="Download as CSV"
            >
              <Download aria-hidden className="text-ink-3" />
              <span className="max-lg:sr-only">CSV</span>
            </a>
          </Can>
          <ColumnMenu columns={TRACES_COLUMNS} visibility={visibility} onChange={setVisible} />
        </>
      }
    >
      <TracesFilters range={range} list={list} />
      {live ? (
        <LiveTable filters={list.filters} visibility={visibility} />
      ) : (
        <TracesTable range={range} list={list} visibility={visibility} />
      )}
    </Page>
  );
}
