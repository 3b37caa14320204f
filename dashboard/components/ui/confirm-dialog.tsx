"use client";

import { useState, type FormEvent, type ReactNode } from "react";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Field } from "./field";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** What will be lost. */
  description: ReactNode;
  /** What the button says and does: “Delete server”. */
  action: string;
  /** To be typed first, for what cannot be brought back. */
  name?: string;
  onConfirm: () => Promise<unknown>;
}

/** Asks once more before something is destroyed. */
export function ConfirmDialog(props: Props) {
  const { open, onOpenChange, title, description } = props;
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title} description={description}>
      <Question {...props} />
    </Dialog>
  );
}

// Apart from the dialog, so that what was typed is gone when it is opened again.
function Question({ onOpenChange, action, name, onConfirm }: Props) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const ready = !busy && (name === undefined || typed.trim() === name);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    try {
      await onConfirm();
      onOpenChange(false);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-5">
      {name !== undefined && (
        <Field
          label={
            <>
              Type <span className="font-mono">{name}</span> to go on
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={() => onOpenChange(false)}>Cancel</Button>
        <Button type="submit" look="danger" disabled={!ready}>
          {action}
        </Button>
      </div>
    </form>
  );
}
