"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { BellOff, Plus } from "lucide-react";
import { Can } from "@/components/can";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { FacetFilter } from "@/components/data-table/facet-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Button } from "@/components/ui/button";
import { useDirectory } from "@/lib/directory/directory";
import { useUrl } from "@/lib/url/use-url";
import { DEFAULT_SORT, FILTERS, silencesQuery, type Silence } from "./api";
import { SilenceDialog } from "./silence-dialog";
import { silencesColumns } from "./silences-columns";

const STATES = [
  { value: "true", name: "Active now" },
  { value: "false", name: "Planned or over" },
];

export function SilencesTab() {
  const list = useListState(FILTERS, DEFAULT_SORT);
  const { filters, setFilters } = list;
  const { parameters, change, path } = useUrl();
  const rules = useDirectory("rule");
  const silences = useInfiniteQuery(silencesQuery(filters, list.sort));
  const open = (silence: string | null) => change({ silence }, silence ? "push" : "replace");
  const columns = silencesColumns((silence) => hrefOf(path, parameters.toString(), silence), rules.nameOf);
  const make = (
    <Can permission="alerts:ack">
      <Button look="primary" onClick={() => open("new")}>
        <Plus aria-hidden />
        New silence
      </Button>
    </Can>
  );

  return (
    <>
      <FilterRow
        list={list}
        search={
          <SearchFilter label="Find in reasons" value={filters.q} onChange={(q) => setFilters({ q })} />
        }
        actions={make}
      >
        <ChoiceFilter
          name="State"
          value={filters.active}
          onChange={(active) => setFilters({ active })}
          options={STATES}
        />
        <FacetFilter
          name="Rule"
          chosen={filters.rule_id}
          onChange={(rule_id) => setFilters({ rule_id })}
          values={rules.all?.map(({ id }) => ({ value: id }))}
          draw={rules.nameOf}
        />
      </FilterRow>
      <PagedTable
        label="Silences"
        query={silences}
        rowsOf={(page) => page.silences}
        columns={columns}
        list={list}
        empty={
          <Notice icon={BellOff} title="No silences" actions={make}>
            <p>During a silence alerts open all the same, but nobody is told: for maintenance, say.</p>
          </Notice>
        }
      />
      <SilenceDialog chosen={parameters.get("silence")} rule={filters.rule_id} onClose={() => open(null)} />
    </>
  );
}

function hrefOf(path: string, query: string, { id }: Silence): string {
  const next = new URLSearchParams(query);
  next.set("silence", id);
  return `${path}?${next.toString()}`;
}
