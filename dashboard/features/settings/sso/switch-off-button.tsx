"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Can } from "@/components/can";
import { attempt } from "@/components/ui/attempt";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { useMay } from "@/lib/session/session";
import { PROVIDERS_KEY, updateProvider, type Provider } from "./api";
import { EVERYTHING } from "./permission";

/** All that those may change who hold less than everything. */
export function SwitchOffButton({ provider }: { provider: Provider }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const hasForm = useMay(EVERYTHING);
  if (hasForm || !provider.enabled) return null;

  async function switchOff() {
    const off = () => updateProvider(provider.id, { enabled: false }, provider.version);
    await attempt(off, `Switched ${provider.name} off.`);
    void client.invalidateQueries({ queryKey: PROVIDERS_KEY });
  }

  return (
    <Can permission="sso:admin">
      <Button look="danger" onClick={() => setOpen(true)}>
        Switch off
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Switch this provider off?"
        description="Nobody signs in at it any more, and the sessions it began end. Switching it on again takes every permission."
        action="Switch off"
        onConfirm={switchOff}
      />
    </Can>
  );
}
