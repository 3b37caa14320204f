"use client";

import { useMemo } from "react";
import { useUrl } from "@/lib/url/use-url";
import { readRange, writeRange, type TimeRange } from "./time-range";

/** The range of time in the URL, and how to change it. */
export function useTimeRange(): [TimeRange, (range: TimeRange) => void] {
  const { parameters, change } = useUrl();
  const text = parameters.toString();
  const range = useMemo(() => readRange(new URLSearchParams(text)), [text]);
  return [range, (next) => change(writeRange(next), "push")];
}
