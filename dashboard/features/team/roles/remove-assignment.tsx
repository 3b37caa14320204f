"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { attempt } from "@/components/ui/attempt";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { accessChanged, removeAssignment } from "@/features/team/api";

export function RemoveAssignment({ id, roleName }: { id: string; roleName: string }) {
  const client = useQueryClient();
  const [removes, setRemoves] = useState(false);
  return (
    <>
      <Button
        size="small"
        look="quiet"
        aria-label={`Remove the role ${roleName}`}
        onClick={() => setRemoves(true)}
      >
        Remove
      </Button>
      <ConfirmDialog
        open={removes}
        onOpenChange={setRemoves}
        title={`Take away the role ${roleName}?`}
        description="What only this assignment let them do ends with it. Their personal keys lose it too."
        action="Remove role"
        onConfirm={async () => {
          await attempt(() => removeAssignment(id), `The role ${roleName} is taken away`);
          await accessChanged(client);
        }}
      />
    </>
  );
}
