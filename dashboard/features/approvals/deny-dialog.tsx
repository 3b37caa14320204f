"use client";

import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { TextAreaField } from "@/components/form/text-area-field";
import { Dialog } from "@/components/ui/dialog";
import { deny, type Approval } from "./api";
import { Refused } from "./refused";
import { useDecide } from "./use-decide";

interface Props {
  approval: Approval;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

const LONGEST_NOTE = 1000;

export function DenyDialog({ approval, open, onOpenChange }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Deny ${approval.tool_name}?`}
      description="The call is refused. The same call is not asked about again for as long as this request would have waited."
    >
      <Question approval={approval} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Question({ approval, onDone }: { approval: Approval; onDone: () => void }) {
  const [note, setNote] = useState("");
  const submit = useDecide(() => deny(approval.id, note.trim()), `${approval.tool_name} was denied.`, onDone);
  return (
    <form onSubmit={submit.onSubmit} className="flex flex-col gap-4">
      <Refused problem={submit.problem} shown={["note"]} />
      <TextAreaField
        label="Reason"
        hint="Whoever asked is told, and so is their agent."
        maxLength={LONGEST_NOTE}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        problem={submit.about("note")}
      />
      <FormEnd danger action="Deny" busy={submit.busy} onCancel={onDone} />
    </form>
  );
}
