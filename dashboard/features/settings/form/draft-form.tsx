"use client";

import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { FormProblem } from "@/components/form/form-problem";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { plural } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import type { Draft } from "./use-saved-draft";
import type { Values } from "./values";

export interface Question {
  title: string;
  description: ReactNode;
  action: string;
}

interface Props {
  draft: Draft;
  /** Without it one may look only. */
  permission: string;
  /** What the button says where something is made: “Create webhook”. */
  action?: string;
  /** Asked before changes that end or delete something. */
  question?: (changes: Values) => Question | null;
  onCancel?: () => void;
  children: ReactNode;
}

/** Cards with fields, and below them what to do with what was changed. */
export function DraftForm({ draft, permission, action = "Save", question, onCancel, children }: Props) {
  const mayChange = useMay(permission);
  const [asked, setAsked] = useState<Question | null>(null);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (draft.problem) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [draft.problem]);

  function submit(event: FormEvent) {
    event.preventDefault();
    const open = question?.(draft.changes) ?? null;
    setAsked(open);
    if (!open) void draft.submit();
  }

  return (
    <>
      <form ref={form} onSubmit={submit} className="@container flex min-w-0 flex-col gap-5">
        {!mayChange && (
          <p className="rounded-lg border bg-sunken px-3 py-2 text-sm text-ink-2">
            You may look but not change anything here: that needs the permission{" "}
            <code className="font-mono text-xs">{permission}</code>.
          </p>
        )}
        <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-5">
          {children}
        </fieldset>
        <FormProblem
          problem={draft.problem}
          fields={Object.keys(draft.values)}
          busy={draft.isBusy}
          overwrite={() => void draft.submit()}
          onTakeTheirs={draft.discard}
        />
        {mayChange && (draft.isChanged || draft.isNew) && (
          <div className="sticky bottom-3 z-10 flex flex-wrap items-center justify-between gap-3 rounded-xl border bg-raised px-4 py-3 shadow-lifted">
            <p role="status" className="text-sm text-ink-2">
              {draft.isChanged &&
                !draft.isNew &&
                `${plural(Object.keys(draft.changes).length, "change")} not saved`}
            </p>
            <div className="flex gap-2">
              <Button onClick={onCancel ?? draft.discard} disabled={draft.isBusy}>
                {onCancel ? "Cancel" : "Discard"}
              </Button>
              <Button type="submit" look="primary" disabled={draft.isBusy}>
                {draft.isBusy ? "Saving …" : action}
              </Button>
            </div>
          </div>
        )}
      </form>
      {/* Not within the form: what is submitted in it would be submitted here too. */}
      {asked && (
        <ConfirmDialog open onOpenChange={() => setAsked(null)} {...asked} onConfirm={draft.submit} />
      )}
    </>
  );
}
