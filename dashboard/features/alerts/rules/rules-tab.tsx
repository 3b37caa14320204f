"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ListChecks, Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { Can } from "@/components/can";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { DataTable } from "@/components/data-table/data-table";
import { DataTableSkeleton } from "@/components/data-table/data-table-skeleton";
import { ListFooter } from "@/components/data-table/list-footer";
import { useListState } from "@/components/data-table/use-list-state";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button, buttonClass } from "@/components/ui/button";
import { ruleHref } from "@/features/alerts/alert-href";
import { DEFAULT_SORT, FILTERS, rulesQuery } from "./api";
import { RULES_COLUMNS } from "./rules-columns";
import { RulesFilters } from "./rules-filters";

export function RulesTab() {
  const router = useRouter();
  const list = useListState(FILTERS, DEFAULT_SORT);
  const [visibility, setVisible] = useColumns("alert-rules");
  const rules = useInfiniteQuery(rulesQuery(list.filters, list.sort));
  const rows = useMemo(() => rules.data?.pages.flatMap((page) => page.rules) ?? [], [rules.data]);
  const filtered = Object.keys(list.filters).length > 0;

  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <RulesFilters {...list} />
        <div className="ml-auto flex gap-2">
          <ColumnMenu columns={RULES_COLUMNS} visibility={visibility} onChange={setVisible} />
          <NewRule />
        </div>
      </div>
      {rules.error && !rules.data ? (
        <Failed what="The rules" error={rules.error} onRetry={() => void rules.refetch()} />
      ) : !rules.data ? (
        <DataTableSkeleton columns={RULES_COLUMNS} visibility={visibility} />
      ) : rows.length === 0 ? (
        <Notice
          icon={ListChecks}
          title={filtered ? "No rule is like that" : "No rules yet"}
          actions={filtered ? <Button onClick={list.clear}>Clear all filters</Button> : <NewRule />}
        >
          {!filtered && (
            <p>A rule watches a figure, such as the error rate, and tells people when it is out of range.</p>
          )}
        </Notice>
      ) : (
        <DataTable
          label="Alert rules"
          className="grow"
          columns={RULES_COLUMNS}
          visibility={visibility}
          rows={rows}
          rowId={(rule) => rule.id}
          onOpen={(rule) => router.push(ruleHref(rule.id))}
          sort={list.sort}
          onSort={list.setSort}
          hasMore={rules.hasNextPage && !rules.isFetchingNextPage && !rules.isPlaceholderData}
          onMore={() => void rules.fetchNextPage()}
          footer={<ListFooter shown={rows.length} {...rules} />}
        />
      )}
    </>
  );
}

function NewRule() {
  return (
    <Can permission="alerts:admin">
      <Link href="/alert-rule?new=1" className={buttonClass({ look: "primary" })}>
        <Plus aria-hidden />
        New rule
      </Link>
    </Can>
  );
}
