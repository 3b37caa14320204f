"use client";

import { useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { Can } from "@/components/can";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { useSubmit } from "@/components/form/use-submit";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { lengthOf } from "@/lib/time/length";
import { rotateSecret, webhookQuery, type Webhook } from "./api";
import type { IssuedSecret } from "./webhook-secret";

const A_DAY = 86_400;
const A_WEEK = 604_800;

interface Props {
  webhook: Webhook;
  onIssued: (issued: IssuedSecret) => void;
}

/** A new secret, with a time in which the old one signs as well. */
export function RotateButton({ webhook, onIssued }: Props) {
  const [open, setOpen] = useState(false);
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
          onIssued={(issued) => {
            setOpen(false);
            onIssued(issued);
          }}
        />
      </Dialog>
    </Can>
  );
}

function RotateForm({ webhook, onIssued, onCancel }: Props & { onCancel: () => void }) {
  const [grace, setGrace] = useState(String(A_DAY));
  const client = useQueryClient();
  const { busy, problem, about, onSubmit } = useSubmit(
    () => rotateSecret(webhook.id, Number(grace)),
    ({ secret, previous_secret_valid_until: previousUntil }) => {
      void client.invalidateQueries({ queryKey: webhookQuery(webhook.id).queryKey });
      onIssued({ webhook: webhook.id, secret, previousUntil });
    },
  );
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <Field
        label="Seconds of grace"
        hint={`= ${lengthOf(Number(grace))}. So long both sign. 0 to 604,800 (a week). Default: 86,400 (a day).`}
        problem={about("grace_seconds")}
        type="number"
        required
        min={0}
        max={A_WEEK}
        value={grace}
        onChange={({ target }) => setGrace(target.value)}
      />
      <FormProblem problem={problem} fields={["grace_seconds"]} />
      <FormEnd danger action="Rotate secret" busy={busy} onCancel={onCancel} />
    </form>
  );
}
