"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus, Send } from "lucide-react";
import { useMemo } from "react";
import { Can } from "@/components/can";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState } from "@/components/data-table/use-list-state";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { Button, buttonClass } from "@/components/ui/button";
import { Listing } from "@/features/settings/listing/listing";
import { ON_OR_OFF, SelectFilter } from "@/features/settings/listing/select-filter";
import { SettingsPage } from "@/features/settings/settings-page";
import { useUrl } from "@/lib/url/use-url";
import { EXPORTER_FILTERS, EXPORTERS_SORT, exportersQuery } from "./api";
import { ExporterPage } from "./exporter-page";
import { exporterHref, EXPORTERS_COLUMNS } from "./exporters-columns";
import { PROTOCOLS } from "./protocols";

export function ExportersPage() {
  const { parameters } = useUrl();
  const id = parameters.get("id");
  return (
    <SettingsPage
      title={id === "new" ? "New exporter" : "Exporters"}
      description={id ? undefined : "Where spans are sent, by OpenTelemetry's protocol"}
      actions={
        !id && (
          <Can permission="settings:admin">
            <Link href="/settings/exporters?id=new" className={buttonClass({ look: "primary" })}>
              <Plus aria-hidden />
              New exporter
            </Link>
          </Can>
        )
      }
    >
      {id ? <ExporterPage key={id} id={id} /> : <List />}
    </SettingsPage>
  );
}

function List() {
  const { filters, setFilters, sort, setSort, clear } = useListState(EXPORTER_FILTERS, EXPORTERS_SORT);
  const exporters = useInfiniteQuery(exportersQuery(filters, sort));
  const rows = useMemo(() => exporters.data?.pages.flatMap((page) => page.exporters) ?? [], [exporters.data]);
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <SearchFilter
          label="Find in names and endpoints"
          value={filters.q}
          onChange={(q) => setFilters({ q })}
          className="w-full sm:w-64"
        />
        <SelectFilter
          label="Protocol"
          value={filters.protocol}
          onChange={(protocol) => setFilters({ protocol })}
          choices={PROTOCOLS}
        />
        <SelectFilter
          label="State"
          value={filters.enabled}
          onChange={(enabled) => setFilters({ enabled })}
          choices={ON_OR_OFF}
        />
      </div>
      <Listing
        label="Exporters"
        pages={exporters}
        rows={rows}
        columns={EXPORTERS_COLUMNS}
        hrefOf={exporterHref}
        sort={sort}
        onSort={setSort}
        empty={
          <Notice
            icon={Send}
            title={isFiltered ? "No exporter is like that" : "Spans are sent nowhere yet"}
            actions={isFiltered && <Button onClick={clear}>Clear all filters</Button>}
          >
            {!isFiltered && (
              <p>Make an exporter with the address of a collector: it is sent every call from then on.</p>
            )}
          </Notice>
        }
      />
    </>
  );
}
