"use client";

import { useState } from "react";
import { Can } from "@/components/can";
import { Button } from "@/components/ui/button";
import type { ApiKey, IssuedKey } from "@/features/keys/api";
import { EditKeyDialog } from "@/features/keys/form/edit-key-dialog";
import { RevokeDialog } from "./revoke-dialog";
import { RotateDialog } from "./rotate-dialog";

type Open = "edit" | "rotate" | "revoke" | null;

/** What can be done with a key that is not revoked. */
export function KeyActions({
  apiKey,
  onRotated,
}: {
  apiKey: ApiKey;
  onRotated: (issued: IssuedKey) => void;
}) {
  const [open, setOpen] = useState<Open>(null);
  const dialog = (name: Open) => ({
    apiKey,
    open: open === name,
    onOpenChange: (next: boolean) => setOpen(next ? name : null),
  });
  if (apiKey.status === "revoked") return null;
  return (
    <>
      <Can permission="keys:create">
        <Button onClick={() => setOpen("edit")}>Change</Button>
      </Can>
      <Can permission="keys:rotate">
        <Button onClick={() => setOpen("rotate")}>Rotate</Button>
      </Can>
      <Can permission="keys:revoke">
        <Button look="danger" onClick={() => setOpen("revoke")}>
          Revoke
        </Button>
      </Can>
      <EditKeyDialog {...dialog("edit")} />
      <RotateDialog {...dialog("rotate")} onRotated={onRotated} />
      <RevokeDialog {...dialog("revoke")} />
    </>
  );
}
