"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { KeySquare, Plus } from "lucide-react";
import { Can } from "@/components/can";
import { ColumnMenu, useColumns } from "@/components/data-table/column-menu";
import { PagedTable } from "@/components/data-table/paged-table";
import { useListState } from "@/components/data-table/use-list-state";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { buttonClass } from "@/components/ui/button";
import { DEFAULT_SORT, FILTERS, permissionListQuery } from "./api";
import { newPermissionHref } from "./permission-href";
import { PERMISSIONS_COLUMNS } from "./permissions-columns";
import { PermissionsFilters } from "./permissions-filters";

/** All permissions, whichever tools they are about. */
export function Permissions() {
  const list = useListState(FILTERS, DEFAULT_SORT);
  const [visibility, setVisible] = useColumns("tool-permissions");
  const permissions = useInfiniteQuery(permissionListQuery(list.filters, list.sort));
  return (
    <>
      <PermissionsFilters
        list={list}
        actions={
          <>
            <ColumnMenu columns={PERMISSIONS_COLUMNS} visibility={visibility} onChange={setVisible} />
            <NewPermission />
          </>
        }
      />
      <PagedTable
        label="Tool permissions"
        query={permissions}
        rowsOf={(page) => page.tool_permissions}
        columns={PERMISSIONS_COLUMNS}
        visibility={visibility}
        list={list}
        empty={
          <Notice icon={KeySquare} title="No tool permissions yet" actions={<NewPermission />}>
            <p>
              The classification of a tool decides whether calls pass, need an approval or are refused. A
              permission says otherwise for a team, a person or a key.
            </p>
          </Notice>
        }
      />
    </>
  );
}

function NewPermission() {
  return (
    <Can permission="policies:admin">
      <Link href={newPermissionHref()} className={buttonClass({ look: "primary" })}>
        <Plus aria-hidden />
        New permission
      </Link>
    </Can>
  );
}
