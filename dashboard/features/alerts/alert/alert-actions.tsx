"use client";

import { useQueryClient } from "@tanstack/react-query";
import { BellOff, CircleCheck, Eye } from "lucide-react";
import { useState } from "react";
import { Can } from "@/components/can";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { TextAreaField } from "@/components/form/text-area-field";
import { useSubmit } from "@/components/form/use-submit";
import { Button, buttonClass } from "@/components/ui/button";
import { Link } from "@/components/link";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { actOnAlert, type Alert, type AlertAction } from "@/features/alerts/api";

const SAYS: Record<AlertAction, { title: string; description: string; button: string; done: string }> = {
  acknowledge: {
    title: "Acknowledge this alert",
    description: "Receivers hear that somebody looks after it, and are not told again that it fires.",
    button: "Acknowledge",
    done: "The alert is acknowledged.",
  },
  resolve: {
    title: "Resolve this alert",
    description: "If it is not over, the rule fires again once everything in its window has happened since.",
    button: "Resolve",
    done: "The alert is resolved.",
  },
};

export function AlertActions({ alert }: { alert: Alert }) {
  const [action, setAction] = useState<AlertAction | null>(null);
  const close = () => setAction(null);
  if (alert.status === "resolved") return null;
  return (
    <Can permission="alerts:ack">
      {alert.status === "firing" && (
        <Button look="primary" onClick={() => setAction("acknowledge")}>
          <Eye aria-hidden />
          Acknowledge
        </Button>
      )}
      <Button onClick={() => setAction("resolve")}>
        <CircleCheck aria-hidden className="text-ink-3" />
        Resolve
      </Button>
      {alert.rule_id && (
        <Link href={`/alerts?tab=silences&silence=new&rule_id=${alert.rule_id}`} className={buttonClass()}>
          <BellOff aria-hidden className="text-ink-3" />
          Silence the rule
        </Link>
      )}
      <Dialog
        open={action !== null}
        onOpenChange={(open) => !open && close()}
        title={SAYS[action ?? "acknowledge"].title}
        description={SAYS[action ?? "acknowledge"].description}
      >
        {action && <NoteForm alert={alert} action={action} onDone={close} />}
      </Dialog>
    </Can>
  );
}

function NoteForm({ alert, action, onDone }: { alert: Alert; action: AlertAction; onDone: () => void }) {
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const submit = useSubmit(
    () => actOnAlert(alert.id, action, note),
    () => {
      toast(SAYS[action].done);
      void client.invalidateQueries({ queryKey: ["alerts"] });
      onDone();
    },
  );
  return (
    <form onSubmit={submit.onSubmit} className="flex flex-col gap-4">
      <TextAreaField
        label="Note"
        maxLength={1000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        hint={alert.note ? "Left empty, the note that is there stays." : "For those who look at it after you"}
        problem={submit.about("note")}
      />
      <FormProblem {...submit} fields={["note"]} />
      <FormEnd action={SAYS[action].button} busy={submit.busy} onCancel={onDone} />
    </form>
  );
}
