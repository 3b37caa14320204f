"use client";

import { useRouter } from "next/navigation";
import { useCallback } from "react";
import type { Span } from "./api";
import { traceHref } from "./trace-href";

/** Goes to a trace; the same function each time. */
export function useOpenTrace(): (span: Span) => void {
  const router = useRouter();
  return useCallback((span) => router.push(traceHref(span)), [router]);
}
