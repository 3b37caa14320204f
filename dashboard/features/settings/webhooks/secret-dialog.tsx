"use client";

import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Dialog } from "@/components/ui/dialog";
import { ClockTime } from "@/components/ui/time";

interface Props {
  secret: string;
  /** How long the one before signs as well. */
  previousUntil?: string | null;
  onClose: () => void;
}

/** The secret, this once. */
export function SecretDialog({ secret, previousUntil, onClose }: Props) {
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="The webhook's secret"
      description="It is shown now and never again. Give it to the receiver: it verifies by it that a message is ours."
    >
      <div className="flex flex-col gap-4">
        <div className="flex items-center gap-2 rounded-lg border bg-canvas p-3">
          <code className="min-w-0 grow font-mono text-xs break-all">{secret}</code>
          <CopyButton text={secret} label="Copy the secret" />
        </div>
        {previousUntil && (
          <p className="text-sm text-ink-2">
            Until <ClockTime at={previousUntil} /> messages are signed by the one before as well.
          </p>
        )}
        <div className="flex justify-end">
          <Button look="primary" onClick={onClose}>
            I have kept it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
