"use client";

import { useEffect } from "react";

const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("input, textarea, select, [role=menuitem], [role=option]") ||
      target.closest("[role=dialog]") !== null)
  );
}

/** j and k, or the arrows, go from row to row; Enter opens the row's link, since that is what has the focus. */
export function useRowKeys(count: number, active: () => number, goTo: (row: number) => void): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const step = STEPS[event.key];
      if (!step || count === 0 || event.metaKey || event.ctrlKey || event.altKey || isWriting(event.target))
        return;
      event.preventDefault();
      const at = active();
      goTo(at < 0 ? 0 : Math.max(0, Math.min(count - 1, at + step)));
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [count, active, goTo]);
}
