"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { useSubmit } from "@/components/form/use-submit";
import { toast } from "@/components/ui/toast";
import { createPolicy, policyQuery, updatePolicy, type Policy } from "@/features/safety/api";
import { TestBox } from "@/features/safety/test-box/test-box";
import { namesChanged } from "@/lib/directory/directory";
import { useMay } from "@/lib/session/session";
import { DeletePolicy } from "./delete-policy";
import { changesOf, draftOf, formOf, NEW_DRAFT, type Draft } from "./draft";
import { FIELDS, PolicyFields } from "./policy-fields";
import { policyHref } from "./policy-href";

interface Props {
  /** Null: one that there is not yet. */
  policy: Policy | null;
  /** Begin anew with what the API has now. */
  onReload: () => void;
}

/** The form of a policy, and beside it a text to try it on before it is saved. */
export function PolicyEditor({ policy, onReload }: Props) {
  const router = useRouter();
  const client = useQueryClient();
  const mayChange = useMay("policies:admin");
  // What the draft is a change of: what was read, not what may have been read anew meanwhile.
  const [base, setBase] = useState(policy);
  const before = base ? draftOf(base) : NEW_DRAFT;
  const [draft, setDraft] = useState<Draft>(before);
  const isChanged = base === null || Object.keys(changesOf(before, draft)).length > 0;

  const submit = useSubmit(
    (version) =>
      base && version !== undefined
        ? updatePolicy({ id: base.id, version }, changesOf(before, draft))
        : createPolicy(formOf(draft)),
    (saved) => {
      client.setQueryData(policyQuery(saved.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: ["safety"] });
      void namesChanged(client, "policy");
      toast(base ? "The policy was saved." : "The policy was made.");
      if (!base) return router.replace(policyHref(saved));
      setBase(saved);
      return setDraft(draftOf(saved));
    },
    base?.version,
  );

  function undo() {
    setDraft(before);
    submit.clear();
  }

  return (
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="flex min-w-0 flex-col gap-5">
        <form onSubmit={submit.onSubmit} className="flex min-w-0 flex-col gap-5">
          {policy?.managed_by === "env" && (
            <p className="text-sm text-ink-2">
              This policy comes with the control plane&apos;s environment: what is set there cannot be changed
              here.
            </p>
          )}
          <FormProblem {...submit} fields={FIELDS} onTakeTheirs={onReload} />
          <PolicyFields draft={draft} onChange={setDraft} problem={submit.problem} disabled={!mayChange} />
          {mayChange && (
            <FormEnd
              action={base ? "Save" : "Make the policy"}
              cancel="Undo changes"
              busy={submit.busy}
              disabled={!isChanged}
              onCancel={base && isChanged ? undo : undefined}
            />
          )}
        </form>
        {/* Not within the form, which what is sent in a dialog would send too. */}
        {base && mayChange && <DeletePolicy policy={base} />}
      </div>
      <TestBox draft={formOf(draft)} />
    </div>
  );
}
