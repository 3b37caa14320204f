"use client";

import { useQueryClient } from "@tanstack/react-query";
import { LockOpen, Pencil, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Can } from "@/components/can";
import { attempt } from "@/components/ui/attempt";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { deleteBudget, type Budget } from "@/features/budgets/api";
import { BudgetForm } from "@/features/budgets/budget-form";
import { OverrideForm } from "./override-form";

type Open = "edit" | "override" | "delete" | null;

export function BudgetActions({ budget }: { budget: Budget }) {
  const client = useQueryClient();
  const router = useRouter();
  const [open, setOpen] = useState<Open>(null);
  const onOpenChange = (isOpen: boolean) => !isOpen && setOpen(null);
  const close = () => setOpen(null);

  async function remove() {
    if (!(await attempt(() => deleteBudget(budget), `The budget ${budget.name} is deleted.`))) {
      // Perhaps somebody else was faster: then it is shown as it is now.
      return void client.invalidateQueries({ queryKey: ["budgets"] });
    }
    router.push("/budgets");
    client.removeQueries({ queryKey: ["budgets", "one", budget.id] });
    return client.invalidateQueries({ queryKey: ["budgets", "list"] });
  }

  return (
    <Can permission="budgets:admin">
      {budget.enforce && (
        <Button onClick={() => setOpen("override")}>
          <LockOpen aria-hidden className="text-ink-3" />
          Override
        </Button>
      )}
      <Button onClick={() => setOpen("edit")}>
        <Pencil aria-hidden className="text-ink-3" />
        Edit
      </Button>
      <Button look="danger" onClick={() => setOpen("delete")}>
        <Trash2 aria-hidden />
        Delete
      </Button>
      <Dialog
        open={open === "edit"}
        onOpenChange={onOpenChange}
        title={`Edit ${budget.name}`}
        description="One that is for something else from now on, or for other periods, counts its current period anew and loses its history and override."
      >
        <BudgetForm
          budget={budget}
          onCancel={close}
          onSaved={() => {
            toast("The budget is saved.");
            close();
          }}
        />
      </Dialog>
      <Dialog
        open={open === "override"}
        onOpenChange={onOpenChange}
        title="Override this budget"
        description="Calls pass until then, whatever is spent. It is audited."
      >
        <OverrideForm
          budget={budget}
          onCancel={close}
          onSaved={() => {
            toast("Calls pass again.");
            close();
          }}
        />
      </Dialog>
      <ConfirmDialog
        open={open === "delete"}
        onOpenChange={onOpenChange}
        title="Delete this budget?"
        description="What it has counted is lost, and calls are no longer stopped by it. The costs themselves stay."
        action="Delete budget"
        name={budget.name}
        onConfirm={remove}
      />
    </Can>
  );
}
