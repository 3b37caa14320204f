"use client";

import { useQuery } from "@tanstack/react-query";
import { Page } from "@/components/layout/page";
import { Failed } from "@/components/states/states";
import { Badge } from "@/components/ui/badge";
import { Skeleton } from "@/components/ui/skeleton";
import { alertQuery } from "@/features/alerts/api";
import { AlertStatus, SeverityBadge } from "@/features/alerts/looks";
import { useMay } from "@/lib/session/session";
import { AlertActions } from "./alert-actions";
import { AlertFacts } from "./alert-facts";
import { AlertNotifications } from "./alert-notifications";

/** One alert: what happened, who looks after it, and who was told. */
export function AlertPage({ id }: { id: string }) {
  const alert = useQuery({ ...alertQuery(id), enabled: useMay("alerts:read") });
  const found = alert.data;
  return (
    <Page
      title={found?.rule_name ?? "Alert"}
      permission="alerts:read"
      description={
        found && (
          <span className="flex flex-wrap items-center gap-2">
            <SeverityBadge severity={found.severity} />
            <AlertStatus status={found.status} />
            {found.is_test && <Badge tone="accent">Test</Badge>}
            <span>{found.message}</span>
          </span>
        )
      }
      actions={found && <AlertActions alert={found} />}
    >
      {found ? (
        <div className="grid items-start gap-5 lg:grid-cols-2">
          <AlertFacts alert={found} />
          <AlertNotifications id={found.id} />
        </div>
      ) : alert.error ? (
        <Failed what="The alert" error={alert.error} onRetry={() => void alert.refetch()} />
      ) : (
        <Skeleton className="h-72" />
      )}
    </Page>
  );
}
