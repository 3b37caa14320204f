"use client";

import { useMutation } from "@tanstack/react-query";
import { Can } from "@/components/can";
import { Refusal } from "@/components/layout/entrance";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { asApiError } from "@/lib/api/problem";
import { duration } from "@/lib/time/time";
import { testExporter } from "./api";

/** Sends an empty batch, as it is saved. */
export function TestButton({ id }: { id: string }) {
  const test = useMutation({ mutationFn: () => testExporter(id) });
  const problem = test.error ? asApiError(test.error) : null;
  return (
    <Can permission="settings:admin">
      <div className="flex max-w-full flex-col items-end gap-2">
        <Button disabled={test.isPending} onClick={() => test.mutate()}>
          {test.isPending ? "Testing …" : "Test"}
        </Button>
        <div role="status" className="max-w-full text-sm">
          {test.data?.ok && <Badge tone="ok">{`Takes spans, in ${duration(test.data.latency_ms)}`}</Badge>}
          {test.data && !test.data.ok && <Refusal>{test.data.error ?? "The receiver refused."}</Refusal>}
        </div>
        {problem && <Refusal requestId={problem.requestId}>{problem.message}</Refusal>}
      </div>
    </Can>
  );
}
