"use client";

import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Can } from "@/components/can";
import { Link } from "@/components/link";
import { Failed } from "@/components/states/states";
import { buttonClass } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { fits } from "@/lib/glob";
import { permissionsQuery, type Tool } from "@/features/tools/api";
import type { Permission } from "@/features/tools/permissions/api";
import { Effect } from "@/features/tools/permissions/effect";
import { Meaning } from "@/features/tools/permissions/meaning";
import {
  newPermissionHref,
  permissionHref,
  permissionsAboutHref,
} from "@/features/tools/permissions/permission-href";

/** Who is allowed or denied this tool by name; a deny wins. */
export function PermissionsCard({ tool }: { tool: Tool }) {
  const permissions = useQuery(permissionsQuery);
  const about = permissions.data?.filter(
    (one) => fits(one.mcp_server, tool.mcp_server) && fits(one.tool_name, tool.name ?? ""),
  );
  return (
    <Card
      flush
      title="Permissions"
      description="Allowed or denied beside the classification; a deny wins"
      actions={<NewPermission tool={tool} />}
    >
      {about ? (
        <Rows permissions={about} />
      ) : permissions.error ? (
        <Failed
          small
          what="The permissions"
          error={permissions.error}
          onRetry={() => void permissions.refetch()}
        />
      ) : (
        <Skeleton className="mx-4 mb-4 h-16" />
      )}
    </Card>
  );
}

function NewPermission({ tool: { mcp_server, name } }: { tool: Tool }) {
  if (name === null) return null;
  return (
    <Can permission="policies:admin">
      <Link
        href={newPermissionHref({ mcp_server, tool_name: name })}
        className={buttonClass({ size: "small" })}
      >
        <Plus aria-hidden className="text-ink-3" />
        New
      </Link>
    </Can>
  );
}

function Rows({ permissions }: { permissions: readonly Permission[] }) {
  const [now] = useState(Date.now);
  return (
    <>
      <ul>
        {permissions.map((permission) => (
          <li
            key={permission.id}
            className="flex flex-wrap items-baseline gap-x-2 gap-y-1 border-t px-4 py-2.5 text-sm sm:px-5"
          >
            <Effect permission={permission} now={now} />
            <Link
              href={permissionHref(permission)}
              className="min-w-0 grow basis-48 break-words hover:underline"
            >
              <Meaning terms={permission} subjectId={permission.subject_id} />
            </Link>
          </li>
        ))}
        {permissions.length === 0 && (
          <li className="px-4 text-sm text-ink-2 sm:px-5">None is about it: the classification decides.</li>
        )}
      </ul>
      <p className="px-4 py-3 text-sm sm:px-5">
        <Link href={permissionsAboutHref(permissions)} className="text-accent hover:underline">
          {permissions.length > 0 ? "Show these in the list" : "All permissions"}
        </Link>
      </p>
    </>
  );
}
