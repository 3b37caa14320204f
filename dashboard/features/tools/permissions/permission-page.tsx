"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { KindName, Name } from "@/components/names/name";
import { Failed } from "@/components/states/states";
import { Badge } from "@/components/ui/badge";
import { Skeleton } from "@/components/ui/skeleton";
import { RelativeTime } from "@/components/ui/time";
import { toast, toastProblem } from "@/components/ui/toast";
import { useMay } from "@/lib/session/session";
import { permissionQuery, type Permission } from "./api";
import { DeletePermission } from "./delete-permission";
import { Effect } from "./effect";
import { PermissionForm } from "./permission-form";
import { permissionHref, permissionsHref } from "./permission-href";
import { toolsInWords } from "./sentence";
import { usePermissionsChanged } from "./use-permissions-changed";

/** `/tool-permission?id=` changes one; without an id one is made, for what `mcp_server` and `tool_name` say. */
export function PermissionPage() {
  const id = useSearchParams().get("id");
  return id === null ? <NewPermission /> : <OnePermission key={id} id={id} />;
}

function NewPermission() {
  const router = useRouter();
  const client = useQueryClient();
  const parameters = useSearchParams();
  const onChanged = usePermissionsChanged();

  function onSaved(saved: Permission) {
    client.setQueryData(permissionQuery(saved.id).queryKey, saved);
    onChanged();
    toast("The permission is made.");
    router.replace(permissionHref(saved));
  }

  return (
    <Page
      title="New tool permission"
      permission="policies:admin"
      description="Who may or may not call which tools, beside what their classification says"
      actions={<Back />}
    >
      <PermissionForm
        begin={{
          mcp_server: parameters.get("mcp_server") ?? "",
          tool_name: parameters.get("tool_name") ?? "",
        }}
        readOnly={false}
        onSaved={onSaved}
        onCancel={() => router.push(permissionsHref())}
      />
    </Page>
  );
}

function OnePermission({ id }: { id: string }) {
  const client = useQueryClient();
  const mayChange = useMay("policies:admin");
  const permission = useQuery({ ...permissionQuery(id), enabled: useMay("policies:read") });
  const onChanged = usePermissionsChanged();
  // The form keeps what is being written until it is told to begin anew.
  const [begun, setBegun] = useState(0);

  function onSaved(saved: Permission) {
    client.setQueryData(permissionQuery(id).queryKey, saved);
    onChanged();
    toast("The permission is saved.");
    setBegun(begun + 1);
  }

  async function takeTheirs() {
    const { error } = await permission.refetch();
    // What was written stays until there is something to put in its place.
    if (error) toastProblem(error);
    else setBegun(begun + 1);
  }

  return (
    <Page
      title={permission.data ? toolsInWords(permission.data) : "Tool permission"}
      permission="policies:read"
      description={permission.data && <Under permission={permission.data} />}
      actions={
        <>
          <Back />
          {permission.data && <DeletePermission permission={permission.data} />}
        </>
      }
    >
      {permission.data ? (
        <PermissionForm
          key={begun}
          permission={permission.data}
          readOnly={!mayChange}
          onSaved={onSaved}
          onTakeTheirs={() => void takeTheirs()}
        />
      ) : permission.error ? (
        <Failed what="This permission" error={permission.error} onRetry={() => void permission.refetch()} />
      ) : (
        <div role="status" aria-label="Loading">
          <Skeleton className="h-96 max-w-3xl" />
        </div>
      )}
    </Page>
  );
}

function Under({ permission }: { permission: Permission }) {
  const [now] = useState(Date.now);
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Effect permission={permission} now={now} />
      <span>
        <KindName kind={permission.subject_type} id={permission.subject_id} />
      </span>
      {permission.managed_by !== "api" && <Badge>Managed by {permission.managed_by}</Badge>}
      <span>
        Changed <RelativeTime at={permission.updated_at} />
      </span>
      {permission.created_by && (
        <span>
          Made by <Name kind="user" id={permission.created_by} />
        </span>
      )}
    </span>
  );
}

function Back() {
  return <BackLink href={permissionsHref()}>All permissions</BackLink>;
}
