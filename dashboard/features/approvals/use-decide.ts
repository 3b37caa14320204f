"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useSubmit, type Submit } from "@/components/form/use-submit";
import { toast, toastProblem } from "@/components/ui/toast";
import { asApiError, type ApiError } from "@/lib/api/problem";
import { refresh, remember, type Approval } from "./api";

/** One decision: what was written stays where it was not taken. */
export function useDecide(decision: () => Promise<Approval>, says: string, onDone: () => void): Submit {
  const client = useQueryClient();
  return useSubmit(async () => {
    try {
      remember(client, await decision());
      toast(says);
    } catch (error) {
      const problem = asApiError(error);
      if (problem.code !== "invalid_state") throw problem;
      // Somebody else was faster, or its time was up: there is nothing to decide any more, here or in the inbox.
      toastProblem(problem);
      refresh(client);
    }
    onDone();
  });
}

/** Why a decision was refused, where the API's own words need more. */
export function inOtherWords(problem: ApiError | null): string | null {
  if (problem?.code === "self_review")
    return "You may not decide about your own request, nor about one made with a key that you own or made. Ask somebody else who reviews.";
  return null;
}
