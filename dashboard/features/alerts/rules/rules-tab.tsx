"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ListChecks, Plus } from "lucide-react";
import { Can } from "@/components/can";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState } from "@/components/data-table/use-list-state";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { buttonClass } from "@/components/ui/button";
import { DEFAULT_SORT, FILTERS, rulesQuery } from "./api";
import { RULES_COLUMNS } from "./rules-columns";
import { RulesFilters } from "./rules-filters";

export function RulesTab() {
  const list = useListState(FILTERS, DEFAULT_SORT);
  const [visibility, setVisible] = useColumns("alert-rules");
  const rules = useInfiniteQuery(rulesQuery(list.filters, list.sort));
  return (
    <>
      <RulesFilters
        list={list}
        actions={
          <>
            <ColumnMenu columns={RULES_COLUMNS} visibility={visibility} onChange={setVisible} />
            <NewRule />
          </>
        }
      />
      <PagedTable
        label="Alert rules"
        query={rules}
        rowsOf={(page) => page.rules}
        columns={RULES_COLUMNS}
        visibility={visibility}
        list={list}
        empty={
          <Notice icon={ListChecks} title="No rules yet" actions={<NewRule />}>
            <p>A rule watches a figure, such as the error rate, and tells people when it is out of range.</p>
          </Notice>
        }
      />
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
