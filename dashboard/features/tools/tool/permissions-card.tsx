"use client";

import { useQuery } from "@tanstack/react-query";
import { Ban, CircleCheck } from "lucide-react";
import { Failed } from "@/components/states/states";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { RelativeTime } from "@/components/ui/time";
import { fits } from "@/lib/glob";
import { plural } from "@/lib/number";
import { permissionsQuery, type Permission, type Tool } from "@/features/tools/api";
import { SubjectName } from "./subject-name";

/** Who is allowed or denied this tool by name; a deny wins. */
export function PermissionsCard({ tool }: { tool: Tool }) {
  const permissions = useQuery(permissionsQuery);
  const about = permissions.data?.filter(
    (one) => fits(one.mcp_server, tool.mcp_server) && fits(one.tool_name, tool.name ?? ""),
  );
  return (
    <Card flush title="Permissions" description="Allowed or denied beside the classification; a deny wins">
      {about ? (
        <ul>
          {about.map((permission) => (
            <Row key={permission.id} permission={permission} />
          ))}
          {about.length === 0 && (
            <li className="px-4 pb-4 text-sm text-ink-2 sm:px-5">
              None is about it: the classification decides.
            </li>
          )}
        </ul>
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

function Row({ permission }: { permission: Permission }) {
  const denied = permission.effect === "deny";
  const { argument_rules: rules, max_uses_per_day: uses, expires_at: end } = permission;
  return (
    <li className="flex flex-col gap-1 border-t px-4 py-2.5 text-sm sm:px-5">
      <span className="flex flex-wrap items-center gap-2">
        <Badge tone={denied ? "block" : "ok"}>
          {denied ? <Ban aria-hidden /> : <CircleCheck aria-hidden />}
          {denied ? "Denied" : "Allowed"}
        </Badge>
        <SubjectName type={permission.subject_type} id={permission.subject_id} />
      </span>
      <span className="text-xs text-ink-3">
        <code className="font-mono break-all">
          {permission.mcp_server} / {permission.tool_name}
        </code>
        {uses !== null && ` · ${plural(uses, "use")} a day`}
        {rules.length > 0 && ` · ${plural(rules.length, "rule")} about arguments`}
        {end !== null && (
          <>
            {" · ends "}
            <RelativeTime at={end} />
          </>
        )}
      </span>
    </li>
  );
}
