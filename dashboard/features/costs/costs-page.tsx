"use client";

import { Download, ListTree } from "lucide-react";
import { Can } from "@/components/can";
import { useListState } from "@/components/data-table/use-list-state";
import { Page } from "@/components/layout/page";
import { Link } from "@/components/link";
import { buttonClass } from "@/components/ui/button";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { nameRange, writeRange } from "@/lib/time-range/time-range";
import { useTimeRange } from "@/lib/time-range/use-time-range";
import { useUrl } from "@/lib/url/use-url";
import { DEFAULT_SORT, exportHref, FILTERS, type By } from "./api";
import { Charges } from "./charges";
import { CostFigures } from "./cost-figures";
import { CostsFilters } from "./costs-filters";
import { DailyChart } from "./daily-chart";
import { Shares } from "./shares";

const TABS: Record<By | "call", string> = {
  server: "By server",
  team: "By team",
  user: "By user",
  tool: "By tool",
  key: "By API key",
  call: "Call by call",
};

export function CostsPage() {
  const [range] = useTimeRange();
  const list = useListState(FILTERS, DEFAULT_SORT);
  const { parameters, change } = useUrl();
  const given = parameters.get("by") ?? "";
  const by = Object.hasOwn(TABS, given) ? (given as By | "call") : "server";
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
      <CostsFilters range={range} {...list} />
      <CostFigures range={range} filters={list.filters} />
      <DailyChart range={range} filters={list.filters} />
      <Tabs value={by} onValueChange={(next) => change({ by: next === "server" ? null : next, sort: null })}>
        <TabsList aria-label="Costs by" className="mb-3 overflow-x-auto !px-0">
          {Object.entries(TABS).map(([value, name]) => (
            <TabsTrigger key={value} value={value} className="whitespace-nowrap">
              {name}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value={by}>
          {by === "call" ? <Charges range={range} /> : <Shares key={by} by={by} range={range} {...list} />}
        </TabsContent>
      </Tabs>
    </Page>
  );
}
