"use client";

import { useQuery } from "@tanstack/react-query";
import { Eye, FileQuestion } from "lucide-react";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { JsonBlock } from "@/components/ui/json-block";
import { Skeleton } from "@/components/ui/skeleton";
import { payloadQuery, type Span } from "@/features/traces/api";

/** What went in and what came out. Nothing is asked for until a person wants it: reading is audited. */
export function SpanPayload({ span }: { span: Span }) {
  const payload = useQuery({ ...payloadQuery(span), enabled: false });
  if (!span.has_payload) {
    return (
      <Notice small icon={FileQuestion} title="No payload was kept">
        <p>Whether arguments and results are kept is a setting of the organization and of each server.</p>
      </Notice>
    );
  }
  if (payload.data) {
    const { request, response, redacted, truncated } = payload.data;
    return (
      <div className="flex flex-col gap-4">
        {redacted && (
          <p className="text-sm text-ink-2">Secrets and personal data were taken out before it was kept.</p>
        )}
        {truncated && <p className="text-sm text-ink-2">There was more of it than is kept.</p>}
        <Part title="Request" value={request} />
        <Part title="Response" value={response} />
      </div>
    );
  }
  if (payload.isFetching) return <Skeleton className="h-40" />;
  if (payload.error)
    return <Failed small what="The payload" error={payload.error} onRetry={() => void payload.refetch()} />;
  return (
    <Notice
      small
      icon={Eye}
      title="A payload was kept"
      actions={<Button onClick={() => void payload.refetch()}>Show the payload</Button>}
    >
      <p>It may hold what people wrote. That you read it is recorded in the audit log.</p>
    </Notice>
  );
}

function Part({ title, value }: { title: string; value: unknown }) {
  return (
    <section>
      <h3 className="mb-1.5 text-xs font-medium text-ink-3">{title}</h3>
      {value === null || value === undefined ? (
        <p className="text-sm text-ink-2">There was none.</p>
      ) : (
        <JsonBlock value={value} label={title} />
      )}
    </section>
  );
}
