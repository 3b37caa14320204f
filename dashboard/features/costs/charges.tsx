"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState } from "@/components/data-table/use-list-state";
import { useMay } from "@/lib/session/session";
import type { TimeRange } from "@/lib/time-range/time-range";
import { CHARGES_SORT, chargesQuery, FILTERS } from "./api";
import { chargesColumns } from "./charges-columns";
import { NoCosts } from "./no-costs";

/** Each call that was charged; a row leads to its trace. */
export function Charges({ range }: { range: TimeRange }) {
  const list = useListState(FILTERS, CHARGES_SORT);
  const mayTraces = useMay("traces:read");
  const charges = useInfiniteQuery(chargesQuery(range, list.filters, list.sort));
  return (
    <PagedTable
      label="Charged calls"
      short
      query={charges}
      rowsOf={(page) => page.costs}
      columns={chargesColumns(mayTraces)}
      list={list}
      empty={<NoCosts />}
    />
  );
}
