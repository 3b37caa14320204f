"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { toast } from "@/components/ui/toast";
import { useSubmit } from "@/components/form/use-submit";
import { keysChanged, revokeKey, type ApiKey } from "@/features/keys/api";

interface Props {
  apiKey: ApiKey;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Like ConfirmDialog, with a reason, which the audit log keeps. */
export function RevokeDialog(props: Props) {
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title={`Revoke ${props.apiKey.name}?`}
      description="Calls with it are refused within two seconds. It cannot be brought back; what it did stays in traces and costs."
    >
      <RevokeForm {...props} />
    </Dialog>
  );
}

function RevokeForm({ apiKey, onOpenChange }: Props) {
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    await revokeKey(apiKey, reason.trim());
    toast(`${apiKey.name} is revoked`);
    onOpenChange(false);
    await keysChanged(client);
  });
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <Field
        label="Reason"
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        problem={about("reason")}
        hint="For the audit log; may be left empty."
      />
      <Field
        label={
          <>
            Type <span className="font-mono">{apiKey.name}</span> to go on
          </>
        }
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
      <FormProblem problem={problem} fields={["reason"]} />
      <FormEnd
        danger
        action="Revoke key"
        busy={busy}
        disabled={typed.trim() !== apiKey.name.trim()}
        onCancel={() => onOpenChange(false)}
      />
    </form>
  );
}
