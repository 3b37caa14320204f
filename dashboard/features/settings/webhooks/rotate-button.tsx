"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState, type FormEvent } from "react";
import { Can } from "@/components/can";
import { Refusal } from "@/components/layout/entrance";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { lengthOf } from "@/features/settings/form/lengths";
import { asApiError } from "@/lib/api/problem";
import { rotateSecret, webhookQuery, type Webhook } from "./api";
import { SecretDialog } from "./secret-dialog";

const A_DAY = 86_400;
const A_WEEK = 604_800;

interface Issued {
  secret: string;
  previous_secret_valid_until: string | null;
}

/** A new secret, with a time in which the old one signs as well. */
export function RotateButton({ webhook }: { webhook: Webhook }) {
  const [open, setOpen] = useState(false);
  const [issued, setIssued] = useState<Issued | null>(null);
  return (
    <Can permission="settings:admin">
      <Button onClick={() => setOpen(true)}>
        <RotateCw aria-hidden className="text-ink-3" />
        Rotate secret
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Rotate the secret?"
        description="The receiver must be given the new one before the time of grace is over, or it refuses our messages."
      >
        <RotateForm
          webhook={webhook}
          onCancel={() => setOpen(false)}
          onIssued={(next) => {
            setOpen(false);
            setIssued(next);
          }}
        />
      </Dialog>
      {issued && (
        <SecretDialog
          secret={issued.secret}
          previousUntil={issued.previous_secret_valid_until}
          onClose={() => setIssued(null)}
        />
      )}
    </Can>
  );
}

interface FormProps {
  webhook: Webhook;
  onIssued: (issued: Issued) => void;
  onCancel: () => void;
}

function RotateForm({ webhook, onIssued, onCancel }: FormProps) {
  const [grace, setGrace] = useState(String(A_DAY));
  const client = useQueryClient();
  const rotate = useMutation({
    mutationFn: () => rotateSecret(webhook.id, Number(grace)),
    onSuccess: (next) => {
      void client.invalidateQueries({ queryKey: webhookQuery(webhook.id).queryKey });
      onIssued(next);
    },
    // What it brought is a secret: it is not to stay in memory.
    gcTime: 0,
  });
  const problem = rotate.error ? asApiError(rotate.error) : null;

  function submit(event: FormEvent) {
    event.preventDefault();
    rotate.mutate();
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <Field
        label="Seconds of grace"
        hint={`= ${lengthOf(Number(grace))}. So long both sign. 0 to 604,800 (a week). Default: 86,400 (a day).`}
        problem={problem?.fields.find(({ field }) => field === "grace_seconds")?.message}
        type="number"
        required
        min={0}
        max={A_WEEK}
        value={grace}
        onChange={({ target }) => setGrace(target.value)}
      />
      {problem && <Refusal requestId={problem.requestId}>{problem.message}</Refusal>}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="danger" disabled={rotate.isPending}>
          Rotate secret
        </Button>
      </div>
    </form>
  );
}
