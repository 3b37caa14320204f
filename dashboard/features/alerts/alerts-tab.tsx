"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { BellRing } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { DataTable } from "@/components/data-table/data-table";
import { DataTableSkeleton } from "@/components/data-table/data-table-skeleton";
import { ListFooter } from "@/components/data-table/list-footer";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { useUrl } from "@/lib/url/use-url";
import { alertsQuery, DEFAULT_SORT, FILTERS, type Which } from "./api";
import { alertHref } from "./alert-href";
import { ALERTS_COLUMNS } from "./alerts-columns";
import { AlertsFilters } from "./alerts-filters";
import { useMay } from "@/lib/session/session";

const WHICH: readonly string[] = ["active", "past", "all"];

export function AlertsTab() {
  const router = useRouter();
  const [range] = useTimeRange();
  const list = useListState(FILTERS, DEFAULT_SORT);
  const [visibility, setVisible] = useColumns("alerts");
  const { parameters, change } = useUrl();
  const given = parameters.get("which") ?? "";
  const which = (WHICH.includes(given) ? given : "active") as Which;
  const alerts = useInfiniteQuery(alertsQuery(which, range, list.filters, list.sort));
  const rows = useMemo(() => alerts.data?.pages.flatMap((page) => page.alerts) ?? [], [alerts.data]);
  const filtered = Object.keys(list.filters).length > 0;

  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <AlertsFilters
          {...list}
          which={which}
          setWhich={(next) => change({ which: next === "active" ? null : next })}
        />
        <div className="ml-auto">
          <ColumnMenu columns={ALERTS_COLUMNS} visibility={visibility} onChange={setVisible} />
        </div>
      </div>
      {alerts.error && !alerts.data ? (
        <Failed what="The alerts" error={alerts.error} onRetry={() => void alerts.refetch()} />
      ) : !alerts.data ? (
        <DataTableSkeleton columns={ALERTS_COLUMNS} visibility={visibility} />
      ) : rows.length === 0 ? (
        <NoAlerts which={which} filtered={filtered} onClear={list.clear} />
      ) : (
        <DataTable
          label="Alerts"
          className="grow"
          columns={ALERTS_COLUMNS}
          visibility={visibility}
          rows={rows}
          rowId={(alert) => alert.id}
          onOpen={(alert) => router.push(alertHref(alert.id))}
          sort={list.sort}
          onSort={list.setSort}
          hasMore={alerts.hasNextPage && !alerts.isFetchingNextPage && !alerts.isPlaceholderData}
          onMore={() => void alerts.fetchNextPage()}
          footer={<ListFooter shown={rows.length} {...alerts} />}
        />
      )}
    </>
  );
}

function NoAlerts({ which, filtered, onClear }: { which: Which; filtered: boolean; onClear: () => void }) {
  const { change } = useUrl();
  const mayAdmin = useMay("alerts:admin");
  if (filtered) {
    return (
      <Notice
        icon={BellRing}
        title="No alert is like that"
        actions={<Button onClick={onClear}>Clear all filters</Button>}
      />
    );
  }
  if (which !== "active") {
    return (
      <Notice icon={BellRing} title="No alerts in this range of time">
        <p>Choose a longer one above.</p>
      </Notice>
    );
  }
  return (
    <Notice
      icon={BellRing}
      title="Nothing is firing"
      actions={
        <Button onClick={() => change({ tab: "rules" }, "push")}>
          {mayAdmin ? "See and make rules" : "See the rules"}
        </Button>
      }
    >
      <p>An alert opens when a rule finds what it watches out of range.</p>
    </Notice>
  );
}
