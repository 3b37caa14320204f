"use client";

import { Plus } from "lucide-react";
import { useState } from "react";
import { Can } from "@/components/can";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { RequestForm } from "./request-form";

/** Asking beforehand, so that an agent does not have to wait. */
export function RequestButton() {
  const [open, setOpen] = useState(false);
  return (
    <Can permission="approvals:request">
      <Button onClick={() => setOpen(true)}>
        <Plus aria-hidden className="text-ink-3" />
        Ask beforehand
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Ask for an approval"
        description="For one call that will be made with exactly these arguments. Somebody else decides."
      >
        <RequestForm onDone={() => setOpen(false)} />
      </Dialog>
    </Can>
  );
}
