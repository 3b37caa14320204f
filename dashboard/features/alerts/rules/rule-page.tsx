"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { Page } from "@/components/layout/page";
import { Failed } from "@/components/states/states";
import { Badge } from "@/components/ui/badge";
import { Skeleton } from "@/components/ui/skeleton";
import { RelativeTime } from "@/components/ui/time";
import { ruleHref } from "@/features/alerts/alert-href";
import { RuleState } from "@/features/alerts/looks";
import { formatMeasure, termsInWords } from "@/features/alerts/metrics";
import { useMay } from "@/lib/session/session";
import { useUrl } from "@/lib/url/use-url";
import { ruleQuery, type Rule } from "./api";
import { RuleActions } from "./rule-actions";
import { RuleEditor } from "./rule-editor";

/** One rule, or with `new` one that is being made. */
export function RulePage() {
  const { parameters } = useUrl();
  if (parameters.get("new") === "1") return <NewRule />;
  return <ExistingRule id={parameters.get("id") ?? ""} />;
}

function NewRule() {
  const router = useRouter();
  return (
    <Page title="New alert rule" permission="alerts:admin" description="What is watched, and who hears of it">
      <RuleEditor
        onSaved={(rule) => router.push(ruleHref(rule.id))}
        onCancel={() => router.push("/alerts?tab=rules")}
      />
    </Page>
  );
}

function ExistingRule({ id }: { id: string }) {
  const rule = useQuery({ ...ruleQuery(id), enabled: useMay("alerts:read") });
  return (
    <Page
      title={rule.data?.name ?? "Alert rule"}
      permission="alerts:read"
      description={rule.data && <Standing rule={rule.data} />}
      actions={rule.data && <RuleActions rule={rule.data} />}
    >
      {rule.data ? (
        <RuleEditor key={rule.data.id} rule={rule.data} />
      ) : rule.error ? (
        <Failed what="The rule" error={rule.error} onRetry={() => void rule.refetch()} />
      ) : (
        <Skeleton className="h-96" />
      )}
    </Page>
  );
}

function Standing({ rule }: { rule: Rule }) {
  return (
    <span className="flex flex-wrap items-center gap-2">
      <RuleState state={rule.state} />
      {rule.managed_by !== "api" && <Badge>Managed by {rule.managed_by}</Badge>}
      <span>{termsInWords(rule)}</span>
      {rule.last_value !== null && <span>Now {formatMeasure(rule.metric, rule.last_value)}</span>}
      {rule.last_evaluated_at && (
        <span className="text-ink-3">
          Evaluated <RelativeTime at={rule.last_evaluated_at} />
        </span>
      )}
    </span>
  );
}
