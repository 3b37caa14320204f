"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus, Send } from "lucide-react";
import { Can } from "@/components/can";
import { ChoiceFilter, ON_OR_OFF } from "@/components/data-table/choice-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState } from "@/components/data-table/use-list-state";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { buttonClass } from "@/components/ui/button";
import { SettingsPage } from "@/features/settings/settings-page";
import { useUrl } from "@/lib/url/use-url";
import { EXPORTER_FILTERS, EXPORTERS_SORT, exportersQuery } from "./api";
import { ExporterPage } from "./exporter-page";
import { EXPORTERS_COLUMNS } from "./exporters-columns";
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
  const list = useListState(EXPORTER_FILTERS, EXPORTERS_SORT);
  const { filters, setFilters } = list;
  const exporters = useInfiniteQuery(exportersQuery(filters, list.sort));
  return (
    <>
      <FilterRow
        list={list}
        search={
          <SearchFilter
            label="Find in names and endpoints"
            value={filters.q}
            onChange={(q) => setFilters({ q })}
          />
        }
      >
        <ChoiceFilter
          name="Protocol"
          value={filters.protocol}
          onChange={(protocol) => setFilters({ protocol })}
          options={PROTOCOLS}
        />
        <ChoiceFilter
          name="State"
          value={filters.enabled}
          onChange={(enabled) => setFilters({ enabled })}
          options={ON_OR_OFF}
        />
      </FilterRow>
      <PagedTable
        label="Exporters"
        short
        query={exporters}
        rowsOf={(page) => page.exporters}
        columns={EXPORTERS_COLUMNS}
        list={list}
        empty={
          <Notice icon={Send} title="Spans are sent nowhere yet">
            <p>Make an exporter with the address of a collector: it is sent every call from then on.</p>
          </Notice>
        }
      />
    </>
  );
}
