"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { attempt } from "@/components/ui/attempt";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { accessChanged, deleteUser, updateUser, type User } from "@/features/team/api";
import { RenameDialog } from "./rename-dialog";

type Open = "rename" | "suspend" | "delete" | null;

/** What administrators do with an account. */
export function UserActions({ user }: { user: User }) {
  const client = useQueryClient();
  const router = useRouter();
  const [open, setOpen] = useState<Open>(null);
  const [busy, setBusy] = useState(false);
  const name = user.name || user.email;
  const dialog = (which: Open) => ({
    open: open === which,
    onOpenChange: (next: boolean) => setOpen(next ? which : null),
  });

  async function resume() {
    setBusy(true);
    await attempt(() => updateUser(user, { status: "active" }), `${name} may sign in again`);
    await accessChanged(client);
    setBusy(false);
  }

  return (
    <>
      <Button onClick={() => setOpen("rename")}>Rename</Button>
      {user.status === "suspended" ? (
        <Button disabled={busy} onClick={() => void resume()}>
          Resume
        </Button>
      ) : (
        <Button onClick={() => setOpen("suspend")}>Suspend</Button>
      )}
      <Button look="danger" onClick={() => setOpen("delete")}>
        Delete
      </Button>
      <RenameDialog user={user} {...dialog("rename")} />
      <ConfirmDialog
        {...dialog("suspend")}
        title={`Suspend ${name}?`}
        description="Their sessions end now, and their personal keys are refused within two seconds, until they are resumed."
        action="Suspend"
        onConfirm={async () => {
          await attempt(() => updateUser(user, { status: "suspended" }), `${name} is suspended`);
          await accessChanged(client);
        }}
      />
      <ConfirmDialog
        {...dialog("delete")}
        title={`Delete ${name}?`}
        description="Their sessions end and their personal keys are revoked for good. What they did stays in traces, costs and the audit log."
        action="Delete person"
        name={user.email}
        onConfirm={async () => {
          const done = await attempt(() => deleteUser(user), `${name} is deleted`);
          if (done) router.push("/team");
          await accessChanged(client);
        }}
      />
    </>
  );
}
