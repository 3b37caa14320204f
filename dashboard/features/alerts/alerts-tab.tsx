"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { BellRing } from "lucide-react";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Button } from "@/components/ui/button";
import { useMay } from "@/lib/session/session";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { useUrl } from "@/lib/url/use-url";
import { alertsQuery, DEFAULT_SORT, FILTERS, type Which } from "./api";
import { ALERTS_COLUMNS } from "./alerts-columns";
import { AlertsFilters } from "./alerts-filters";

const WHICH: readonly string[] = ["active", "past", "all"];

export function AlertsTab() {
  const [range] = useTimeRange();
  const list = useListState(FILTERS, DEFAULT_SORT);
  const [visibility, setVisible] = useColumns("alerts");
  const { parameters, change } = useUrl();
  const given = parameters.get("which") ?? "";
  const which = (WHICH.includes(given) ? given : "active") as Which;
  const alerts = useInfiniteQuery(alertsQuery(which, range, list.filters, list.sort));
  return (
    <>
      <AlertsFilters
        list={list}
        which={which}
        setWhich={(next) => change({ which: next === "active" ? null : next })}
        actions={<ColumnMenu columns={ALERTS_COLUMNS} visibility={visibility} onChange={setVisible} />}
      />
      <PagedTable
        label="Alerts"
        query={alerts}
        rowsOf={(page) => page.alerts}
        columns={ALERTS_COLUMNS}
        visibility={visibility}
        list={list}
        empty={<NoAlerts which={which} />}
      />
    </>
  );
}

function NoAlerts({ which }: { which: Which }) {
  const { change } = useUrl();
  const mayAdmin = useMay("alerts:admin");
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
