"use client";

import { useState, type FormEvent } from "react";
import { asApiError, type ApiError } from "@/lib/api/problem";
import { problemAbout } from "@/lib/api/problem-about";

export interface Submit {
  busy: boolean;
  problem: ApiError | null;
  /** What is wrong with a field, as the API names it. */
  about: (field: string) => string | undefined;
  onSubmit: (event: FormEvent) => void;
  /** Forgets what was wrong, where what was typed is given up. */
  clear: () => void;
  /** Sends it once more against the version that somebody else has made; there is one after a 412. */
  overwrite: (() => void) | null;
}

/**
 * Sends a form, once at a time. What was put in stays where it is until it was taken. `version` is of what is changed;
 * something new has none.
 */
export function useSubmit<T>(
  send: (version: number | undefined) => Promise<T>,
  onDone?: (answer: T) => void,
  version?: number,
): Submit {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);

  async function run(against: number | undefined) {
    setBusy(true);
    setProblem(null);
    try {
      const answer = await send(against);
      setBusy(false);
      onDone?.(answer);
    } catch (error) {
      setBusy(false);
      setProblem(asApiError(error));
    }
  }

  const current = problem?.status === 412 ? problem.details.current_version : null;
  return {
    busy,
    problem,
    about: (field) => problemAbout(problem, field),
    clear: () => setProblem(null),
    onSubmit: (event) => {
      event.preventDefault();
      // A dialog's form lies within the page's for React, wherever it is drawn.
      event.stopPropagation();
      if (!busy) void run(version);
    },
    overwrite: typeof current === "number" ? () => void run(current) : null,
  };
}
