"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { Can } from "@/components/can";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState } from "@/components/data-table/use-list-state";
import { Page } from "@/components/layout/page";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { buttonClass } from "@/components/ui/button";
import { plural } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import { DEFAULT_SORT, FILTERS, keysQuery } from "./api";
import { HIDDEN_AT_FIRST, KEYS_COLUMNS } from "./keys-columns";
import { KeysFilters } from "./keys-filters";

export function KeysPage() {
  const list = useListState(FILTERS, DEFAULT_SORT);
  const [visibility, setVisible] = useColumns("keys", HIDDEN_AT_FIRST);
  const mayRead = useMay("keys:read");
  const keys = useInfiniteQuery({ ...keysQuery(list.filters, list.sort), enabled: mayRead });
  const total = keys.data?.pages[0]?.total;

  return (
    <Page
      fill
      title="API keys"
      permission="keys:read"
      description={
        total == null ? "What clients show to call through the gateway" : `${plural(total, "key")} here`
      }
      actions={
        <>
          <Can permission="keys:create">
            <NewKeyLink />
          </Can>
          <ColumnMenu columns={KEYS_COLUMNS} visibility={visibility} onChange={setVisible} />
        </>
      }
    >
      <KeysFilters list={list} />
      <PagedTable
        label="API keys"
        query={keys}
        rowsOf={(page) => page.api_keys}
        columns={KEYS_COLUMNS}
        visibility={visibility}
        list={list}
        empty={<NoKeys />}
      />
    </Page>
  );
}

function NewKeyLink() {
  return (
    <Link href="/new-key" className={buttonClass({ look: "primary" })}>
      <Plus aria-hidden />
      New key
    </Link>
  );
}

function NoKeys() {
  return (
    <Notice
      icon={KeyRound}
      title="No keys yet"
      actions={
        <Can permission="keys:create">
          <NewKeyLink />
        </Can>
      }
    >
      <p>
        An MCP client needs a key to call tools through the gateway. Make one for a person or for a service.
      </p>
    </Notice>
  );
}
