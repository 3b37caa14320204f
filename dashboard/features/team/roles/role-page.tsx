"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { attempt } from "@/components/ui/attempt";
import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { Link } from "@/components/link";
import { Failed } from "@/components/states/states";
import { Badge } from "@/components/ui/badge";
import { Button, buttonClass } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { ApiError } from "@/lib/api/problem";
import { plural } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import { useUrl } from "@/lib/url/use-url";
import { accessChanged, deleteRole, roleQuery, type Role } from "@/features/team/api";
import { roleHref } from "@/features/team/hrefs";
import { AssignmentsCard } from "./assignments-card";
import { GrantsCard } from "./grants-card";
import { RoleForm } from "./role-form";

const NEW = "new";

/** `/role?id=`: one role; `/role?id=new` makes one, perhaps `like=` another. */
export function RolePage() {
  const router = useRouter();
  const parameters = useSearchParams();
  const { change } = useUrl();
  const id = parameters.get("id") ?? "";
  const isNew = id === NEW;
  const known = isNew ? (parameters.get("like") ?? "") : id;
  const mayRead = useMay("rbac:read");
  const mayChange = useMay("rbac:admin");
  const role = useQuery({ ...roleQuery(known), enabled: mayRead && known !== "" });
  const changes = parameters.get("change") === "1" && mayChange && role.data?.is_builtin === false;
  const error = id === "" ? new ApiError(404, "not_found", "No role is named.", null) : role.error;

  if (isNew) {
    const loading = known !== "" && role.isPending;
    return (
      <Page
        title="New role"
        permission="rbac:admin"
        description={role.data && `It begins with what ${role.data.name} grants.`}
      >
        {loading ? (
          <Skeleton className="h-96" />
        ) : (
          <RoleForm
            like={role.data}
            onSaved={(saved) => router.push(roleHref(saved.id))}
            onCancel={() => router.push("/team?tab=roles")}
          />
        )}
      </Page>
    );
  }
  return (
    <Page
      title={role.data?.name ?? "Role"}
      permission="rbac:read"
      description={role.data && <Under role={role.data} />}
      actions={
        <>
          <BackLink href="/team?tab=roles">All roles</BackLink>
          {role.data && mayChange && !changes && (
            <Actions role={role.data} onChange={() => change({ change: "1" })} />
          )}
        </>
      }
    >
      {role.data && changes ? (
        <RoleForm
          role={role.data}
          onSaved={() => change({ change: null })}
          onCancel={() => change({ change: null })}
        />
      ) : role.data ? (
        <div className="grid items-start gap-5 xl:grid-cols-2">
          <AssignmentsCard role={role.data} />
          <GrantsCard grants={role.data.permissions} />
        </div>
      ) : error ? (
        <Failed what="This role" error={error} onRetry={() => void role.refetch()} />
      ) : (
        <Skeleton className="h-96" />
      )}
    </Page>
  );
}

function Under({ role }: { role: Role }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {role.is_builtin ? <Badge>Built in</Badge> : <Badge tone="accent">Custom</Badge>}
      <span>{plural(role.user_count, "person", "people")}</span>
      {role.description && <span>{role.description}</span>}
    </span>
  );
}

function Actions({ role, onChange }: { role: Role; onChange: () => void }) {
  const client = useQueryClient();
  const router = useRouter();
  const [deletes, setDeletes] = useState(false);
  return (
    <>
      <Link href={`/role?id=${NEW}&like=${role.id}`} className={buttonClass()}>
        Make one like it
      </Link>
      {!role.is_builtin && (
        <>
          <Button onClick={onChange}>Change</Button>
          <Button look="danger" onClick={() => setDeletes(true)}>
            Delete
          </Button>
        </>
      )}
      <ConfirmDialog
        open={deletes}
        onOpenChange={setDeletes}
        title={`Delete the role ${role.name}?`}
        description="A role that somebody has cannot be deleted: take it from them first."
        action="Delete role"
        name={role.name}
        onConfirm={async () => {
          const done = await attempt(() => deleteRole(role), `${role.name} is deleted`);
          if (done) router.push("/team?tab=roles");
          await accessChanged(client);
        }}
      />
    </>
  );
}
