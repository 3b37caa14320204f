"use client";

import { useQuery } from "@tanstack/react-query";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { byCategory, permissionsQuery } from "@/components/permissions/permissions";
import { Failed } from "@/components/states/states";
import { Skeleton } from "@/components/ui/skeleton";
import { plural } from "@/lib/number";
import { useUrl } from "@/lib/url/use-url";
import { VerdictGroup } from "./verdict-group";
import { verdictsQuery, type About } from "./verdicts";

const NONE: [] = [];

/** Each permission: whether somebody holds it, how far, and through what. */
export function EffectiveAccess({ about }: { about: About }) {
  const { parameters, change } = useUrl();
  const permissions = useQuery(permissionsQuery);
  const verdicts = useQuery(verdictsQuery(permissions.data ?? NONE, about));
  const error = permissions.error ?? verdicts.error;
  const retry = () => void (permissions.error ? permissions.refetch() : verdicts.refetch());
  const shown = parameters.get("held") ?? undefined;
  if (error && !verdicts.data) return <Failed what="The permissions" error={error} onRetry={retry} />;
  if (!verdicts.data) return <Loading />;
  const allowed = verdicts.data.filter(({ extent }) => extent !== "none");
  const rows =
    shown === undefined
      ? verdicts.data
      : verdicts.data.filter(({ extent }) => (extent === "none") === (shown === "no"));
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <ChoiceFilter
          name="Answer"
          value={shown}
          options={[
            { value: "yes", name: "Allowed" },
            { value: "no", name: "Not allowed" },
          ]}
          onChange={(held) => change({ held })}
        />
        <p className="text-sm text-ink-2" role="status">
          {plural(allowed.length, "permission")} of {verdicts.data.length} allowed
        </p>
      </div>
      <div className="grid items-start gap-5 xl:grid-cols-2">
        {byCategory(rows).map(([category, members]) => (
          <VerdictGroup key={category} category={category} verdicts={members} />
        ))}
      </div>
    </div>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading" className="grid gap-5 xl:grid-cols-2">
      <Skeleton className="h-48" />
      <Skeleton className="h-48" />
      <Skeleton className="h-48" />
      <Skeleton className="h-48" />
    </div>
  );
}
