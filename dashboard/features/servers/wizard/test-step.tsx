"use client";

import { useMutation } from "@tanstack/react-query";
import { useEffect } from "react";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { tryServer } from "@/features/servers/api";
import { serverBody, type ServerDraft } from "@/features/servers/form/draft";
import { TrialResult } from "@/features/servers/trial-result";

interface Props {
  draft: ServerDraft;
  onBack: () => void;
  onRefused: (error: unknown) => void;
  onCreate: () => void;
  creating: boolean;
}

/** The gateway connects as it would for a call. A server that is not up yet can be registered all the same. */
export function TestStep({ draft, onBack, onRefused, onCreate, creating }: Props) {
  const trial = useMutation({ mutationFn: () => tryServer(serverBody(draft)), onError: onRefused });
  const { mutate } = trial;
  useEffect(() => mutate(), [mutate]);

  const failed = trial.isError || trial.data?.ok === false;
  return (
    <div className="flex flex-col gap-4">
      <p className="text-sm break-words text-ink-2">
        The control plane connects to <span className="font-mono text-xs">{draft.about.url.trim()}</span> and
        asks what it offers. Nothing is saved yet.
      </p>
      {trial.isPending ? (
        <div role="status" aria-label="Testing">
          <Skeleton className="h-36" />
        </div>
      ) : (
        trial.data && <TrialResult trial={trial.data} />
      )}
      <div className="flex flex-wrap justify-end gap-2 pt-1">
        <Button onClick={onBack} disabled={creating}>
          Back
        </Button>
        <Button onClick={() => trial.mutate()} disabled={trial.isPending || creating}>
          Test again
        </Button>
        <Button look="primary" onClick={onCreate} disabled={trial.isPending || creating}>
          {creating ? "Registering …" : failed ? "Register anyway" : "Register"}
        </Button>
      </div>
    </div>
  );
}
