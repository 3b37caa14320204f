"use client";

import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useEffect } from "react";
import { asApiError } from "@/lib/api/problem";
import { createStore, useStore } from "@/lib/store";
import { IconButton } from "./icon-button";

interface Toast {
  id: number;
  kind: "done" | "failed";
  text: string;
  requestId?: string | null;
}

const SHOWN_MS = 6000;
const MOST = 4;

const toasts = createStore<readonly Toast[]>([]);
let lastId = 0;

function show(toast: Omit<Toast, "id">): void {
  lastId += 1;
  toasts.set([...toasts.get(), { ...toast, id: lastId }].slice(-MOST));
}

function dismiss(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}

/** Something was done. */
export function toast(text: string): void {
  show({ kind: "done", text });
}

/** Something that was to be done was not; it stays until it is closed. */
export function toastProblem(error: unknown): void {
  const problem = asApiError(error);
  show({ kind: "failed", text: problem.message, requestId: problem.requestId });
}

export function Toasts() {
  const shown = useStore(toasts);
  return (
    <div
      role="region"
      aria-label="Notifications"
      className="pointer-events-none fixed inset-x-3 bottom-3 z-50 flex flex-col items-end gap-2"
    >
      <div role="status" aria-live="polite" className="contents">
        {shown.map((toast) => (
          <ToastCard key={toast.id} {...toast} />
        ))}
      </div>
    </div>
  );
}

function ToastCard({ id, kind, text, requestId }: Toast) {
  useEffect(() => {
    if (kind === "failed") return undefined;
    const timer = setTimeout(() => dismiss(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, kind]);
  return (
    <div className="pointer-events-auto flex w-full max-w-sm animate-appear items-start gap-2.5 rounded-lg border bg-raised py-2.5 pr-2 pl-3 shadow-lifted">
      {kind === "done" ? (
        <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
      ) : (
        <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      )}
      <div className="min-w-0 grow text-sm">
        <p className="break-words">{text}</p>
        {requestId && <p className="mt-0.5 font-mono text-xs break-all text-ink-3">{requestId}</p>}
      </div>
      <IconButton label="Dismiss" size="small" className="-mt-1 !px-1.5" onClick={() => dismiss(id)}>
        <X aria-hidden />
      </IconButton>
    </div>
  );
}
