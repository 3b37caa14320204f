"use client";

import { useState, type FormEvent } from "react";
import { asApiError, type ApiError } from "@/lib/api/problem";

/** Sends a form once at a time. What was refused is kept to be shown; what was typed is not touched. */
export function useSubmit(send: () => Promise<unknown>) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);

  async function run() {
    setBusy(true);
    setProblem(null);
    try {
      await send();
    } catch (error) {
      setProblem(asApiError(error));
    } finally {
      setBusy(false);
    }
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!busy) void run();
  }

  /** What is wrong with a field, or with one of its entries. */
  function of(field: string): string | undefined {
    const found = problem?.fields.find((one) => one.field === field || one.field.startsWith(`${field}.`));
    return found?.message;
  }

  return { busy, problem, of, submit };
}
