"use client";

import { useState, type FormEvent } from "react";
import { TextAreaField } from "@/components/form/text-area-field";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { problemAbout } from "@/lib/api/problem-about";
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
  const { busy, problem, decide } = useDecide(onDone);

  function submit(event: FormEvent) {
    event.preventDefault();
    void decide(() => deny(approval.id, note.trim()), `${approval.tool_name} was denied.`);
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Refused problem={problem} shown={["note"]} />
      <TextAreaField
        label="Reason"
        hint="Whoever asked is told, and so is their agent."
        maxLength={LONGEST_NOTE}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        problem={problemAbout(problem, "note")}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="danger" disabled={busy}>
          {busy ? "Denying …" : "Deny"}
        </Button>
      </div>
    </form>
  );
}
