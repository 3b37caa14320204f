"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Check, Undo2, X } from "lucide-react";
import { useState } from "react";
import { attempt } from "@/components/ui/attempt";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { useMay, useMe } from "@/lib/session/session";
import { useNow } from "@/lib/time/use-now";
import { cancel, PENDING, refresh, remember, type Approval } from "./api";
import { ApproveDialog } from "./approve-dialog";
import { DenyDialog } from "./deny-dialog";
import { timeLeft } from "./time-left";
import { isOwn } from "./who";

/** What the reader may do about it while it waits: decide, or take their own request back. */
export function Decisions({ approval }: { approval: Approval }) {
  const [asking, setAsking] = useState<"approve" | "deny" | "cancel" | null>(null);
  const mayReview = useMay("approvals:review");
  const own = isOwn(approval, useMe());
  const isOver = timeLeft(approval.expires_at, useNow(1000)) === null;
  const client = useQueryClient();

  // An open dialog stays though the time runs out under it: it says itself what became of it.
  if (approval.status !== PENDING && asking === null) return null;
  const props = { approval, onOpenChange: (open: boolean) => !open && setAsking(null) };

  async function takeBack() {
    const done = await attempt(
      async () => remember(client, await cancel(approval.id)),
      "The request was taken back.",
    );
    if (!done) refresh(client);
  }

  return (
    <div className="flex flex-wrap items-center gap-2">
      {mayReview && (
        <>
          <Button look="primary" disabled={isOver} onClick={() => setAsking("approve")}>
            <Check aria-hidden />
            Approve …
          </Button>
          <Button look="danger" disabled={isOver} onClick={() => setAsking("deny")}>
            <X aria-hidden />
            Deny …
          </Button>
        </>
      )}
      {own && (
        <Button disabled={isOver} onClick={() => setAsking("cancel")}>
          <Undo2 aria-hidden className="text-ink-3" />
          Take back …
        </Button>
      )}
      <ApproveDialog {...props} open={asking === "approve"} />
      <DenyDialog {...props} open={asking === "deny"} />
      <ConfirmDialog
        open={asking === "cancel"}
        onOpenChange={props.onOpenChange}
        title="Take the request back?"
        description={`Nobody will be asked about ${approval.tool_name} on ${approval.mcp_server} any more. The call can be asked for again.`}
        action="Take back"
        onConfirm={takeBack}
      />
    </div>
  );
}
