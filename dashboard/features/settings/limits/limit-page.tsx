"use client";

import { useQuery } from "@tanstack/react-query";
import { Failed } from "@/components/states/states";
import { FormSkeleton } from "@/features/settings/form/form-skeleton";
import { BackLink } from "@/components/layout/back-link";
import { DeleteButton } from "@/features/settings/listing/delete-button";
import { deleteLimit, limitQuery, LIMITS_KEY, type RateLimit } from "./api";
import { LimitForm } from "./limit-form";
import { UsageCard } from "./usage-card";

const LIST = "/settings/limits";

/** A limit by its id, or a new one. */
export function LimitPage({ id }: { id: string }) {
  return (
    <>
      <BackLink href={LIST}>All limits</BackLink>
      {id === "new" ? <LimitForm /> : <Existing id={id} />}
    </>
  );
}

function Existing({ id }: { id: string }) {
  const limit = useQuery(limitQuery(id));
  if (limit.data) return <One limit={limit.data} />;
  if (!limit.error) return <FormSkeleton />;
  return <Failed what="The limit" error={limit.error} onRetry={() => void limit.refetch()} />;
}

function One({ limit }: { limit: RateLimit }) {
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="min-w-0 text-lg font-semibold break-words">{limit.name}</h2>
        <DeleteButton
          noun="limit"
          name={limit.name}
          description="Calls are no longer held back by it, at once. What it counted is gone."
          permission="policies:admin"
          onDelete={() => deleteLimit(limit)}
          queryKey={LIMITS_KEY}
          listHref={LIST}
        />
      </div>
      <LimitForm limit={limit} />
      <UsageCard limit={limit} />
    </>
  );
}
