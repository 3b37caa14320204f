"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "@/components/ui/toast";
import { asApiError, type ApiError } from "@/lib/api/problem";
import { problemAbout } from "@/lib/api/problem-about";
import { useUnsavedWarning } from "@/lib/use-unsaved-warning";
import { withChange, type Values } from "./values";

export interface Draft {
  values: Values;
  changes: Values;
  isChanged: boolean;
  isBusy: boolean;
  /** There is nothing of it yet. */
  isNew: boolean;
  problem: ApiError | null;
  set: (name: string, value: unknown) => void;
  problemAt: (name: string) => string | undefined;
  discard: () => void;
  submit: () => Promise<void>;
}

interface Options {
  /** What is there now, or what something new begins with. */
  saved: Values;
  /** Null of something new. */
  version: number | null;
  onSave: (changes: Values, version: number | null) => Promise<unknown>;
  /** Somebody else saved first: look at what there is now. */
  onStale?: () => void;
}

interface State {
  /** Of what the person saw when they began: what is loaded meanwhile must not pass for it. */
  base: number | null;
  changes: Values;
}

const UNCHANGED: State = { base: null, changes: {} };

/** What a person changed and has not saved; it outlives refusals, and loads of what is there. */
export function useSavedDraft({ saved, version, onSave, onStale }: Options): Draft {
  const [{ base, changes }, setState] = useState(UNCHANGED);
  const isChanged = Object.keys(changes).length > 0;
  const saving = useMutation({ mutationFn: () => onSave(changes, base ?? version) });
  const problem = saving.error ? asApiError(saving.error) : null;

  useUnsavedWarning(isChanged);

  async function submit() {
    try {
      await saving.mutateAsync();
      setState(UNCHANGED);
      toast(version === null ? "Created." : "Saved.");
    } catch (error) {
      const { status, details } = asApiError(error);
      if (status !== 412) return;
      const current = details.current_version;
      setState((state) => ({ ...state, base: typeof current === "number" ? current : null }));
      onStale?.();
    }
  }

  return {
    values: { ...saved, ...changes },
    changes,
    isChanged,
    isBusy: saving.isPending,
    isNew: version === null,
    problem,
    set: (name, value) =>
      setState((state) => ({
        base: Object.keys(state.changes).length > 0 ? state.base : version,
        changes: withChange(saved, state.changes, name, value),
      })),
    problemAt: (name) => problemAbout(problem, name),
    discard: () => {
      setState(UNCHANGED);
      saving.reset();
    },
    submit,
  };
}
