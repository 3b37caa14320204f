"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast, toastProblem } from "@/components/ui/toast";
import { asApiError, type ApiError } from "@/lib/api/problem";
import { refresh, remember, type Approval } from "./api";

/** One decision: what was written stays where it was not taken. */
export function useDecide(onDone: () => void) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);

  async function decide(decision: () => Promise<Approval>, says: string) {
    setBusy(true);
    setProblem(null);
    try {
      remember(client, await decision());
      toast(says);
      onDone();
    } catch (error) {
      const problem = asApiError(error);
      // Somebody else was faster, or its time was up: there is nothing to decide any more, here or in the inbox.
      if (problem.code === "invalid_state") {
        toastProblem(problem);
        refresh(client);
        onDone();
      } else {
        setProblem(problem);
      }
    } finally {
      setBusy(false);
    }
  }

  return { busy, problem, decide };
}

/** Why a decision was refused, where the API's own words need more. */
export function inOtherWords(problem: ApiError | null): string | null {
  if (problem?.code === "self_review")
    return "You may not decide about your own request, nor about one made with a key that you own or made. Ask somebody else who reviews.";
  return null;
}
