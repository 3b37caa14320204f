"use client";

import { useQueryClient } from "@tanstack/react-query";
import { CHECK_KEY } from "@/features/tools/check/api";
import { LISTS_KEY } from "./api";

/** To be called once one was made, changed or deleted: lists have it, and it decides about calls. */
export function usePermissionsChanged(): () => void {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: LISTS_KEY });
    void client.invalidateQueries({ queryKey: CHECK_KEY });
  };
}
