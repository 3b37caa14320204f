"use client";

import { useState } from "react";

/** What is in a form, field by field. */
export function useDraft<T extends object>(initial: T) {
  const [draft, setDraft] = useState(initial);
  const put = <Name extends keyof T>(name: Name, value: T[Name]) =>
    setDraft((before) => ({ ...before, [name]: value }));
  return [draft, put, setDraft] as const;
}
