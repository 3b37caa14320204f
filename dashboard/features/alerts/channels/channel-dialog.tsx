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
import { namesChanged } from "@/lib/directory/directory";
import { useMay } from "@/lib/session/session";
import { channelQuery, deleteChannel, type Channel } from "./api";
import { ChannelForm } from "./channel-form";
import { TryButton } from "./try-button";
import { typeName } from "./types";

interface Props {
  /** An id, or `new`; null: none. */
  chosen: string | null;
  onClose: () => void;
}

/** One channel, to look at, to change, or to make. */
export function ChannelDialog({ chosen, onClose }: Props) {
  const mayAdmin = useMay("alerts:admin");
  const isNew = chosen === "new";
  return (
    <Dialog
      open={chosen !== null && (mayAdmin || !isNew)}
      onOpenChange={(open) => !open && onClose()}
      title={isNew ? "New channel" : "Channel"}
      description="Secrets are written and never shown again."
    >
      {isNew ? (
        <ChannelForm
          readOnly={false}
          onCancel={onClose}
          onSaved={(channel) => {
            toast(`The channel ${channel.name} is made. Test it to see whether it arrives.`);
            onClose();
          }}
        />
      ) : (
        chosen !== null && <Existing id={chosen} onClose={onClose} />
      )}
    </Dialog>
  );
}

function Existing({ id, onClose }: { id: string; onClose: () => void }) {
  const mayAdmin = useMay("alerts:admin");
  const client = useQueryClient();
  const channel = useQuery(channelQuery(id));
  const [asking, setAsking] = useState(false);
  const [begun, setBegun] = useState(0);
  const found = channel.data;
  if (!found && channel.error) return <Failed small what="The channel" error={channel.error} />;
  if (!found) return <Skeleton className="h-64" />;

  async function remove(gone: Channel) {
    if (await attempt(() => deleteChannel(gone), `The channel ${gone.name} is deleted.`)) onClose();
    await client.invalidateQueries({ queryKey: ["alerts", "channels"] });
    await namesChanged(client, "channel");
  }

  async function takeTheirs() {
    await channel.refetch();
    setBegun(begun + 1);
  }

  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <p className="grow text-sm text-ink-2">
          {typeName(found.type)}
          {found.managed_by === "env" && ", given by the environment of the control plane"}
        </p>
        {mayAdmin && <TryButton channel={found} />}
        {mayAdmin && found.managed_by === "api" && (
          <Button size="small" look="danger" onClick={() => setAsking(true)}>
            Delete
          </Button>
        )}
      </div>
      <ChannelForm
        key={begun}
        channel={found}
        readOnly={!mayAdmin}
        onCancel={onClose}
        onTakeTheirs={() => void takeTheirs()}
        onSaved={() => {
          toast("The channel is saved.");
          onClose();
        }}
      />
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Delete this channel?"
        description="Rules and budgets that name it tell nobody by it from now on. Its secrets are gone."
        action="Delete channel"
        name={found.name}
        onConfirm={() => remove(found)}
      />
    </div>
  );
}
