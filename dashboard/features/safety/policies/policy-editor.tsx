"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState, type FormEvent } from "react";
import { FormProblem } from "@/components/form/form-problem";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { createPolicy, policyQuery, updatePolicy, type Policy } from "@/features/safety/api";
import { TestBox } from "@/features/safety/test-box/test-box";
import { asApiError, type ApiError } from "@/lib/api/problem";
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
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const isChanged = base === null || Object.keys(changesOf(before, draft)).length > 0;

  async function save() {
    const saved = base
      ? await updatePolicy(base, changesOf(before, draft))
      : await createPolicy(formOf(draft));
    client.setQueryData(policyQuery(saved.id).queryKey, saved);
    void client.invalidateQueries({ queryKey: ["safety"] });
    toast(base ? "The policy was saved." : "The policy was made.");
    if (!base) return router.replace(policyHref(saved));
    setBase(saved);
    return setDraft(draftOf(saved));
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await save();
    } catch (error) {
      setProblem(asApiError(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="flex min-w-0 flex-col gap-5">
        <form onSubmit={(event) => void submit(event)} className="flex min-w-0 flex-col gap-5">
          {policy?.managed_by === "env" && (
            <p className="text-sm text-ink-2">
              This policy comes with the control plane&apos;s environment: what is set there cannot be changed
              here.
            </p>
          )}
          <FormProblem problem={problem} fields={FIELDS} onTakeTheirs={onReload} />
          <PolicyFields draft={draft} onChange={setDraft} problem={problem} disabled={!mayChange} />
          {mayChange && (
            <div className="flex flex-wrap items-center gap-2">
              <Button type="submit" look="primary" disabled={busy || !isChanged}>
                {busy ? "Saving …" : base ? "Save" : "Make the policy"}
              </Button>
              {base && isChanged && (
                <Button
                  onClick={() => {
                    setDraft(before);
                    setProblem(null);
                  }}
                >
                  Undo changes
                </Button>
              )}
            </div>
          )}
        </form>
        {/* Not within the form, which what is sent in a dialog would send too. */}
        {base && mayChange && <DeletePolicy policy={base} />}
      </div>
      <TestBox draft={formOf(draft)} />
    </div>
  );
}
