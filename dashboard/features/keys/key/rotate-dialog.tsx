"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { SelectField } from "@/components/form/select-field";
import { Dialog } from "@/components/ui/dialog";
import { useSubmit } from "@/components/form/use-submit";
import { keysChanged, rotateKey, type ApiKey, type IssuedKey } from "@/features/keys/api";
import { ExpiryFields } from "@/features/keys/form/expiry-fields";
import { expiryOf, valuesOf } from "@/features/keys/form/key-values";

const GRACES = [
  { value: "0", name: "None: it ends now" },
  { value: "3600", name: "An hour" },
  { value: "86400", name: "A day" },
  { value: "259200", name: "3 days" },
  { value: "604800", name: "7 days" },
];

interface Props {
  apiKey: ApiKey;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onRotated: (issued: IssuedKey) => void;
}

export function RotateDialog(props: Props) {
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title={`Rotate ${props.apiKey.name}`}
      description="The key gets a new secret, shown once. The old one works on for the grace, so that clients can be moved."
    >
      <RotateForm {...props} />
    </Dialog>
  );
}

function RotateForm({ apiKey, onOpenChange, onRotated }: Props) {
  const client = useQueryClient();
  const [grace, setGrace] = useState("86400");
  const [values, setValues] = useState(() => ({
    ...valuesOf(apiKey),
    expiry: apiKey.status === "expired" ? "90" : "keep",
  }));
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    const expires_at = expiryOf(values, Date.now());
    const issued = await rotateKey(apiKey, {
      grace_seconds: Number(grace),
      ...(expires_at && { expires_at }),
    });
    onRotated(issued);
    onOpenChange(false);
    await keysChanged(client);
  });
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <SelectField
        label="Grace for the old secret"
        value={grace}
        options={GRACES}
        onChange={setGrace}
        problem={about("grace_seconds")}
        hint={
          apiKey.previous_key_valid_until
            ? "The secret before the present one ends at once."
            : "Until then both secrets work."
        }
      />
      <ExpiryFields
        values={values}
        change={(changes) => setValues({ ...values, ...changes })}
        about={about}
        isNew={false}
      />
      <FormProblem problem={problem} fields={["grace_seconds", "expires_at"]} />
      <FormEnd action="Rotate" busy={busy} onCancel={() => onOpenChange(false)} />
    </form>
  );
}
