"use client";

import { useQuery } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { byCategory, permissionsQuery } from "@/components/permissions/permissions";
import { Failed } from "@/components/states/states";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { categoryName, heldOf } from "@/lib/permission/selection";

/** What a list of grants comes to, permission by permission. */
export function GrantsCard({ grants }: { grants: readonly string[] }) {
  const permissions = useQuery(permissionsQuery);
  const held = permissions.data
    ?.map((one) => ({ ...one, ...heldOf(grants, one.permission) }))
    .filter(({ extent }) => extent !== "none");
  return (
    <Card title="What it grants" description={grants.join(", ")}>
      {held ? (
        <div className="flex flex-col gap-4">
          {byCategory(held).map(([category, members]) => (
            <section key={category}>
              <h3 className="text-xs font-medium text-ink-3">{categoryName(category)}</h3>
              <ul>
                {members.map(({ permission, description }) => (
                  <li key={permission} className="flex items-start gap-2 py-1 text-sm">
                    <Check aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
                    <span className="min-w-0">
                      <code className="font-mono text-xs break-all">{permission}</code>
                      {heldOf(grants, permission).extent === "own" && (
                        <>
                          {" "}
                          <Badge tone="accent">Own rows</Badge>
                        </>
                      )}
                      <span className="block text-ink-3">{description}</span>
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      ) : permissions.error ? (
        <Failed
          small
          what="The permissions"
          error={permissions.error}
          onRetry={() => void permissions.refetch()}
        />
      ) : (
        <Skeleton className="h-64" />
      )}
    </Card>
  );
}
