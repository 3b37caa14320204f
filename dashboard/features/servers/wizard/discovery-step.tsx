"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { FormProblem } from "@/components/form/form-problem";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { asApiError } from "@/lib/api/problem";
import { refreshServer, type Server } from "@/features/servers/api";
import { ChangesResult } from "@/features/servers/changes-result";

/** The catalogue is read at once rather than at the next interval. */
export function DiscoveryStep({ server, onNext }: { server: Server; onNext: () => void }) {
  const client = useQueryClient();
  const read = useMutation({
    mutationFn: () => refreshServer(server.id),
    onSettled: () => client.invalidateQueries({ queryKey: ["servers"] }),
  });
  const { mutate } = read;
  useEffect(() => mutate(), [mutate]);
  return (
    <div className="flex flex-col gap-4">
      <p className="text-sm text-ink-2">
        <strong className="font-medium text-ink">{server.name}</strong> is registered. Now its tools,
        resources and prompts are read.
      </p>
      {read.isPending && (
        <div role="status" aria-label="Reading the catalogue">
          <Skeleton className="h-36" />
        </div>
      )}
      {read.data && <ChangesResult changes={read.data} />}
      <FormProblem problem={read.error && asApiError(read.error)} />
      {read.error && (
        <p className="text-sm text-ink-2">
          The gateway tries again every {server.discovery_interval_seconds} seconds by itself.
        </p>
      )}
      <div className="flex justify-end gap-2 pt-1">
        <Button onClick={() => read.mutate()} disabled={read.isPending}>
          Read again
        </Button>
        <Button look="primary" onClick={onNext} disabled={read.isPending}>
          {read.error ? "Go on without" : "Next"}
        </Button>
      </div>
    </div>
  );
}
