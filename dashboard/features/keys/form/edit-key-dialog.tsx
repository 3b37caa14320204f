"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { useSubmit } from "@/components/form/use-submit";
import { keysChanged, updateKey, type ApiKey } from "@/features/keys/api";
import { AboutFields } from "./about-fields";
import { ExpiryFields } from "./expiry-fields";
import { patchOf, valuesOf } from "./key-values";
import { PermissionFields } from "./permission-fields";
import { ScopeFields } from "./scope-fields";

interface Props {
  apiKey: ApiKey;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function EditKeyDialog(props: Props) {
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title={`Change ${props.apiKey.name}`}
      description="Proxies follow within two seconds. Owner and environment are fixed."
      className="!max-w-3xl"
    >
      <EditKeyForm {...props} />
    </Dialog>
  );
}

// Apart from the dialog, so that it begins anew with what there is when it is opened again.
function EditKeyForm({ apiKey, onOpenChange }: Props) {
  const client = useQueryClient();
  const [before, setBefore] = useState(() => valuesOf(apiKey));
  const [values, setValues] = useState(before);
  const change = (changes: Partial<typeof values>) => setValues((old) => ({ ...old, ...changes }));
  const { busy, problem, about, onSubmit } = useSubmit(async () => {
    try {
      // By the version that is known by now: only what was changed here is sent, after the reader was warned.
      await updateKey(apiKey, patchOf(before, values, Date.now()));
    } finally {
      await keysChanged(client);
    }
    toast(`${values.name} is changed`);
    onOpenChange(false);
  });
  function reload() {
    setBefore(valuesOf(apiKey));
    setValues(valuesOf(apiKey));
  }
  const fields = { values, change, about };
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-5">
      <AboutFields {...fields} />
      <PermissionFields {...fields} />
      <ScopeFields {...fields} />
      <ExpiryFields {...fields} isNew={false} />
      <FormProblem problem={problem} onTakeTheirs={reload} />
      <FormEnd action="Save" busy={busy} onCancel={() => onOpenChange(false)} />
    </form>
  );
}
