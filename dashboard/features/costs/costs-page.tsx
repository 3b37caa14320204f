"use client";

import { Download, ListTree } from "lucide-react";
import { Can } from "@/components/can";
import { useListState } from "@/components/data-table/use-list-state";
import { Page } from "@/components/layout/page";
import { ViewTabs } from "@/components/layout/view-tabs";
import { Link } from "@/components/link";
import { buttonClass } from "@/components/ui/button";
import { nameRange, writeRange } from "@/lib/time-range/time-range";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { DEFAULT_SORT, exportHref, FILTERS, type By } from "./api";
import { Charges } from "./charges";
import { CostFigures } from "./cost-figures";
import { CostsFilters } from "./costs-filters";
import { DailyChart } from "./daily-chart";
import { Shares } from "./shares";

const PARTS: { id: By; name: string }[] = [
  { id: "server", name: "By server" },
  { id: "team", name: "By team" },
  { id: "user", name: "By user" },
  { id: "tool", name: "By tool" },
  { id: "key", name: "By API key" },
];

export function CostsPage() {
  const [range] = useTimeRange();
  const list = useListState(FILTERS, DEFAULT_SORT);
  const traces = new URLSearchParams(list.filters);
  for (const [name, value] of Object.entries(writeRange(range))) if (value) traces.set(name, value);

  return (
    <Page
      title="Costs"
      permission="costs:read"
      description={nameRange(range)}
      actions={
        <>
          <Can permission="traces:read">
            <Link href={`/traces?${traces.toString()}`} className={buttonClass()}>
              <ListTree aria-hidden className="text-ink-3" />
              <span className="max-sm:sr-only">Calls</span>
            </Link>
          </Can>
          <Can permission="costs:export">
            <a
              href={exportHref(range, list.filters)}
              download
              className={buttonClass()}
              aria-label="Download what was charged as CSV"
            >
              <Download aria-hidden className="text-ink-3" />
              CSV
            </a>
          </Can>
        </>
      }
    >
      <CostsFilters range={range} list={list} />
      <CostFigures range={range} filters={list.filters} />
      <DailyChart range={range} filters={list.filters} />
      <ViewTabs
        label="Costs"
        keeps={FILTERS}
        views={[
          ...PARTS.map(({ id, name }) => ({
            id,
            name,
            content: <Shares by={id} range={range} list={list} />,
          })),
          { id: "call", name: "Call by call", content: <Charges range={range} /> },
        ]}
      />
    </Page>
  );
}
