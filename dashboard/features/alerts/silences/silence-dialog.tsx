"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Failed } from "@/components/states/states";
import { attempt } from "@/components/ui/attempt";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/components/ui/toast";
import { useMay } from "@/lib/session/session";
import { deleteSilence, endSilence, silenceQuery, type Silence } from "./api";
import { standingOf } from "./draft";
import { SilenceForm } from "./silence-form";
import { StandingBadge } from "./standing";

interface Props {
  /** An id, or `new`; null: none. */
  chosen: string | null;
  /** What a new one is about to begin with. */
  rule: string | undefined;
  onClose: () => void;
}

export function SilenceDialog({ chosen, rule, onClose }: Props) {
  const mayAck = useMay("alerts:ack");
  const isNew = chosen === "new";
  return (
    <Dialog
      open={chosen !== null && (mayAck || !isNew)}
      onOpenChange={(open) => !open && onClose()}
      title={isNew ? "New silence" : "Silence"}
      description="Alerts open all the same, but nobody is told. Of those that still fire when it is over, receivers hear then."
    >
      {isNew ? (
        <SilenceForm
          rule={rule}
          readOnly={false}
          onCancel={onClose}
          onSaved={() => {
            toast("The silence is made.");
            onClose();
          }}
        />
      ) : (
        chosen !== null && <Existing id={chosen} readOnly={!mayAck} onClose={onClose} />
      )}
    </Dialog>
  );
}

function Existing({ id, readOnly, onClose }: { id: string; readOnly: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const silence = useQuery(silenceQuery(id));
  const [asking, setAsking] = useState(false);
  const [begun, setBegun] = useState(0);
  const [now] = useState(Date.now);
  const found = silence.data;
  if (!found && silence.error) return <Failed small what="The silence" error={silence.error} />;
  if (!found) return <Skeleton className="h-64" />;
  const standing = standingOf(found, now);

  async function act(what: (silence: Silence) => Promise<unknown>, current: Silence, done: string) {
    if (await attempt(() => what(current), done)) onClose();
    await client.invalidateQueries({ queryKey: ["alerts", "silences"] });
  }

  async function takeTheirs() {
    await silence.refetch();
    setBegun(begun + 1);
  }

  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <div className="grow">
          <StandingBadge standing={standing} />
        </div>
        {!readOnly && standing === "active" && (
          <Button size="small" onClick={() => void act(endSilence, found, "The silence is over.")}>
            End now
          </Button>
        )}
        {!readOnly && (
          <Button size="small" look="danger" onClick={() => setAsking(true)}>
            Delete
          </Button>
        )}
      </div>
      <SilenceForm
        key={begun}
        silence={found}
        readOnly={readOnly}
        onCancel={onClose}
        onTakeTheirs={() => void takeTheirs()}
        onSaved={() => {
          toast("The silence is saved.");
          onClose();
        }}
      />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Delete this silence?"
        description="Alerts that it held back are told of again."
        action="Delete silence"
        onConfirm={() => act(deleteSilence, found, "The silence is deleted.")}
      />
    </div>
  );
}
