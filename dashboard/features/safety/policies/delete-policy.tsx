"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { toast, toastProblem } from "@/components/ui/toast";
import { deletePolicy, type Policy } from "@/features/safety/api";
import { asApiError } from "@/lib/api/problem";
import { namesChanged } from "@/lib/directory/directory";

/** The default policy, and those that the environment gives, stay. */
export function DeletePolicy({ policy }: { policy: Policy }) {
  const [open, setOpen] = useState(false);
  const router = useRouter();
  const client = useQueryClient();
  if (policy.is_default || policy.managed_by !== "api") return null;

  async function remove() {
    try {
      await deletePolicy(policy);
      toast("The policy was deleted.");
      router.replace("/safety");
      // Not the policy itself: its page is still there for a moment, and would say that it is gone.
      void client.invalidateQueries({ queryKey: ["safety", "policies"] });
      void namesChanged(client, "policy");
    } catch (error) {
      const isOutdated = asApiError(error).status === 412;
      toastProblem(isOutdated ? new Error("Somebody else changed it meanwhile: load it anew first.") : error);
    }
  }

  return (
    <>
      <Button look="danger" className="self-start" onClick={() => setOpen(true)}>
        <Trash2 aria-hidden />
        Delete …
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Delete this policy?"
        description="Calls are no longer looked at by it. What it found stays. To stop it for a while, switch it off instead."
        action="Delete policy"
        name={policy.name}
        onConfirm={remove}
      />
    </>
  );
}
