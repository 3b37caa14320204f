"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useMemo } from "react";
import { SearchFilter } from "@/components/data-table/search-filter";
import { useListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Button } from "@/components/ui/button";
import { Listing } from "@/features/settings/listing/listing";
import { ON_OR_OFF, SelectFilter } from "@/features/settings/listing/select-filter";
import { PROVIDER_FILTERS, PROVIDERS_SORT, providersQuery } from "./api";
import { providerHref, PROVIDERS_COLUMNS } from "./providers-columns";
import { TYPES } from "./types";

export function ProvidersList() {
  const { filters, setFilters, sort, setSort, clear } = useListState(PROVIDER_FILTERS, PROVIDERS_SORT);
  const providers = useInfiniteQuery(providersQuery(filters, sort));
  const rows = useMemo(() => providers.data?.pages.flatMap((page) => page.providers) ?? [], [providers.data]);
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <SearchFilter
          label="Find in names and issuers"
          value={filters.q}
          onChange={(q) => setFilters({ q })}
          className="w-full sm:w-64"
        />
        <SelectFilter
          label="Type"
          value={filters.type}
          onChange={(type) => setFilters({ type })}
          choices={TYPES}
        />
        <SelectFilter
          label="State"
          value={filters.enabled}
          onChange={(enabled) => setFilters({ enabled })}
          choices={ON_OR_OFF}
        />
      </div>
      <Listing
        label="Providers"
        pages={providers}
        rows={rows}
        columns={PROVIDERS_COLUMNS}
        hrefOf={providerHref}
        sort={sort}
        onSort={setSort}
        empty={
          <Notice
            icon={KeyRound}
            title={isFiltered ? "No provider is like that" : "No identity provider yet"}
            actions={isFiltered && <Button onClick={clear}>Clear all filters</Button>}
          >
            {!isFiltered && (
              <p>
                Register GatewayOps at yours as a web application, then add it here with its issuer, client id
                and secret.
              </p>
            )}
          </Notice>
        }
      />
    </>
  );
}
