"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { PagedTable } from "@/components/data-table/paged-table";
import type { ListState } from "@/components/data-table/use-list-state";
import { inSentence } from "@/lib/in-words";
import { formatMoney } from "@/lib/money/money";
import type { TimeRange } from "@/lib/time-range/time-range";
import { useUrl } from "@/lib/url/use-url";
import { sharesQuery, type By, type Filter } from "./api";
import { narrowedHref } from "./narrowed";
import { NoCosts } from "./no-costs";
import { sharesColumns } from "./shares-columns";

const NOUNS: Record<By, { noun: string; without: string }> = {
  server: { noun: "Server", without: "Calls without a server" },
  team: { noun: "Team", without: "Calls without a team" },
  user: { noun: "User", without: "Calls of service keys" },
  tool: { noun: "Tool", without: "Calls of no tool" },
  key: { noun: "API key", without: "Calls without an API key" },
};

interface Props {
  by: By;
  range: TimeRange;
  list: ListState<Filter>;
}

/** The costs by what caused them; a row leads to its own. */
export function Shares({ by, range, list }: Props) {
  const { parameters, path } = useUrl();
  const shares = useInfiniteQuery(sharesQuery(by, range, list.filters, list.sort));
  const text = parameters.toString();
  const columns = useMemo(() => {
    const { noun, without } = NOUNS[by];
    return sharesColumns(noun, without, (share) => narrowedHref(path, text, by, share));
  }, [by, path, text]);
  const total = shares.data?.pages[0]?.total_cost;
  return (
    <PagedTable
      label={`Costs by ${inSentence(NOUNS[by].noun)}`}
      short
      query={shares}
      rowsOf={(page) => page.rows}
      columns={columns}
      list={list}
      empty={<NoCosts />}
      note={total && ` · ${formatMoney(total)} together`}
    />
  );
}
