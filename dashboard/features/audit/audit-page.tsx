"use client";

import { Page } from "@/components/layout/page";
import { useView, ViewTabs } from "@/components/layout/view-tabs";
import { useListState } from "@/components/data-table/use-list-state";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { DEFAULT_SORT, FILTERS } from "./api";
import { ExportMenu } from "./export-menu";
import { Figures } from "./figures";
import { Integrity } from "./integrity/integrity";
import { Log } from "./log";

const VIEWS = ["log", "figures", "integrity"];
/** The figures are of the rows that the log shows. */
const KEPT = [...FILTERS, "sort"];

export function AuditPage() {
  const [range] = useTimeRange();
  const list = useListState(FILTERS, DEFAULT_SORT);
  const view = useView(VIEWS);
  return (
    <Page
      fill={view === "log"}
      title="Audit"
      permission="audit:read"
      description="Who changed what, and the proof that the record of it is as it was written"
      actions={view !== "integrity" && <ExportMenu range={range} filters={list.filters} />}
    >
      <ViewTabs
        label="Audit"
        keeps={KEPT}
        views={[
          { id: "log", name: "Log", content: <Log range={range} list={list} /> },
          { id: "figures", name: "Figures", content: <Figures range={range} list={list} /> },
          { id: "integrity", name: "Integrity", content: <Integrity /> },
        ]}
      />
    </Page>
  );
}
