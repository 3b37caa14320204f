"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleDollarSign } from "lucide-react";
import { useMemo } from "react";
import { DataTable } from "@/components/data-table/data-table";
import { DataTableSkeleton } from "@/components/data-table/data-table-skeleton";
import { ListFooter } from "@/components/data-table/list-footer";
import type { ListState } from "@/components/data-table/use-list-state";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { formatMoney } from "@/lib/money/money";
import type { TimeRange } from "@/lib/time-range/time-range";
import { useUrl } from "@/lib/url/use-url";
import { sharesQuery, type By, type Filter } from "./api";
import { narrowedHref, NEXT_BY } from "./narrowed";
import type { Share } from "./share";
import { sharesColumns } from "./shares-columns";

const NOUNS: Record<By, { noun: string; without: string }> = {
  server: { noun: "Server", without: "Calls without a server" },
  team: { noun: "Team", without: "Calls without a team" },
  user: { noun: "User", without: "Calls of service keys" },
  tool: { noun: "Tool", without: "Calls of no tool" },
  key: { noun: "API key", without: "Calls without an API key" },
};

const NOTHING_HIDDEN = {};

type Props = { by: By; range: TimeRange } & ListState<Filter>;

/** The costs by what caused them; a row leads to its own. */
export function Shares({ by, range, filters, sort, setSort, clear }: Props) {
  const { parameters, path, change } = useUrl();
  const shares = useInfiniteQuery(sharesQuery(by, range, filters, sort));
  const rows = useMemo(() => shares.data?.pages.flatMap((page) => page.rows) ?? [], [shares.data]);
  const text = parameters.toString();
  const columns = useMemo(() => {
    const { noun, without } = NOUNS[by];
    return sharesColumns(noun, without, (share) => narrowedHref(path, text, by, share));
  }, [by, path, text]);

  function open(share: Share) {
    if (share.narrows) change({ ...share.narrows, by: NEXT_BY[by], sort: null }, "push");
  }

  if (shares.error && !shares.data)
    return <Failed small what="These costs" error={shares.error} onRetry={() => void shares.refetch()} />;
  if (!shares.data) return <DataTableSkeleton columns={columns} visibility={NOTHING_HIDDEN} />;
  if (rows.length === 0) return <NoCosts filtered={Object.keys(filters).length > 0} onClear={clear} />;
  const total = shares.data.pages[0]?.total_cost;
  return (
    <DataTable
      label={`Costs by ${NOUNS[by].noun}`}
      className="max-h-144"
      columns={columns}
      visibility={NOTHING_HIDDEN}
      rows={rows}
      rowId={(share) => share.id}
      onOpen={open}
      sort={sort}
      onSort={setSort}
      hasMore={shares.hasNextPage && !shares.isFetchingNextPage}
      onMore={() => void shares.fetchNextPage()}
      footer={
        <ListFooter shown={rows.length} {...shares}>
          {total && ` · ${formatMoney(total)} together`}
        </ListFooter>
      }
    />
  );
}

/** Where nothing was charged. */
export function NoCosts({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  return (
    <Notice
      small
      icon={CircleDollarSign}
      title={filtered ? "Nothing was charged to these" : "Nothing was charged in this range of time"}
      actions={filtered && <Button onClick={onClear}>Clear all filters</Button>}
    >
      <p>
        {filtered
          ? "None in this range of time passes all the filters."
          : "Choose a longer one above. What a call costs is told by the prices of its server."}
      </p>
    </Notice>
  );
}
