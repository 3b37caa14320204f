"use client";

import { useQuery } from "@tanstack/react-query";
import { Link } from "@/components/link";
import { Badge } from "@/components/ui/badge";
import { classificationsQuery, permissionsQuery } from "@/features/tools/api";
import { Meaning } from "@/features/tools/permissions/meaning";
import { permissionHref } from "@/features/tools/permissions/permission-href";
import type { Check, Matched } from "./api";
import { decides } from "./asked";

/** The rules that are about the call, also those that do not fit it. */
export function MatchedRules({ check }: { check: Check }) {
  if (check.matched.length === 0) return null;
  return (
    <ul aria-label="Rules about the call" className="flex flex-col gap-2 text-sm">
      {check.matched.map((matched) => (
        <li key={matched.id} className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
          <Part check={check} matched={matched} />
          <span className="min-w-0 grow basis-40 break-words">
            {matched.type === "tool_permission" ? (
              <PermissionRule id={matched.id} />
            ) : (
              <ClassificationRule id={matched.id} />
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Part({ check, matched }: { check: Check; matched: Matched }) {
  if (decides(check, matched.id)) return <Badge tone="accent">Decides</Badge>;
  return <Badge>{matched.applies ? "Applies" : "Does not apply"}</Badge>;
}

function PermissionRule({ id }: { id: string }) {
  const permissions = useQuery(permissionsQuery);
  const permission = permissions.data?.find((one) => one.id === id);
  return (
    <Link href={permissionHref({ id })} className="text-accent hover:underline">
      {permission ? <Meaning terms={permission} subjectId={permission.subject_id} /> : "A permission"}
    </Link>
  );
}

function ClassificationRule({ id }: { id: string }) {
  const rules = useQuery(classificationsQuery);
  const rule = rules.data?.find((one) => one.id === id);
  if (!rule) return "A classification";
  return (
    <>
      <code className="font-mono text-xs break-all">
        {rule.mcp_server} / {rule.tool_name}
      </code>{" "}
      is {rule.classification}
    </>
  );
}
