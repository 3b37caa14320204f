"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useCallback } from "react";

export type Changes = Record<string, string | null>;

/**
 * What a page shows stands in its URL, so that it can be sent to somebody and found again after a reload. Changes go
 * through the history alone: no page is loaded for them. `push` is for what the back button should undo.
 */
export function useUrl() {
  const parameters = useSearchParams();
  const path = usePathname();
  const change = useCallback(
    (changes: Changes, how: "push" | "replace" = "replace") => {
      // Read anew: two changes within one event must not undo each other.
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === "") next.delete(name);
        else next.set(name, value);
      }
      const query = next.toString();
      const href = query ? `${path}?${query}` : path;
      if (how === "push") window.history.pushState(null, "", href);
      else window.history.replaceState(null, "", href);
    },
    [path],
  );
  return { parameters, change, path };
}
