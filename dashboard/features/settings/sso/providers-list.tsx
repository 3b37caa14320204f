"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { ChoiceFilter, ON_OR_OFF } from "@/components/data-table/choice-filter";
import { FilterRow } from "@/components/data-table/filter-row";
import { PagedTable } from "@/components/data-table/paged-table";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { PROVIDER_FILTERS, PROVIDERS_SORT, providersQuery } from "./api";
import { PROVIDERS_COLUMNS } from "./providers-columns";
import { TYPES } from "./types";

export function ProvidersList() {
  const list = useListState(PROVIDER_FILTERS, PROVIDERS_SORT);
  const { filters, setFilters } = list;
  const providers = useInfiniteQuery(providersQuery(filters, list.sort));
  return (
    <>
      <FilterRow
        list={list}
        search={
          <SearchFilter
            label="Find in names and issuers"
            value={filters.q}
            onChange={(q) => setFilters({ q })}
          />
        }
      >
        <ChoiceFilter
          name="Type"
          value={filters.type}
          onChange={(type) => setFilters({ type })}
          options={TYPES}
        />
        <ChoiceFilter
          name="State"
          value={filters.enabled}
          onChange={(enabled) => setFilters({ enabled })}
          options={ON_OR_OFF}
        />
      </FilterRow>
      <PagedTable
        label="Providers"
        short
        query={providers}
        rowsOf={(page) => page.providers}
        columns={PROVIDERS_COLUMNS}
        list={list}
        empty={
          <Notice icon={KeyRound} title="No identity provider yet">
            <p>
              Register GatewayOps at yours as a web application, then add it here with its issuer, client id
              and secret.
            </p>
          </Notice>
        }
      />
    </>
  );
}
