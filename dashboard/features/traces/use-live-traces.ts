"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { problemOf, type ApiError } from "@/lib/api/problem";
import { openStream, type StreamState } from "@/lib/live-stream";
import type { Span, TraceFilters } from "./api";
import { arrived, NOTHING, passes, resumed, streamPath, type LiveRows } from "./live-rows";

/** So often rows are drawn, however many come. */
const FRAME_MS = 250;

export interface LiveTraces extends LiveRows {
  state: StreamState;
  problem: ApiError | null;
  paused: boolean;
  pause: (paused: boolean) => void;
}

/** Traces as they happen. The stream is open for as long as the component is there. */
export function useLiveTraces(filters: TraceFilters): LiveTraces {
  const [live, setLive] = useState<LiveRows>(NOTHING);
  const [state, setState] = useState<StreamState>("connecting");
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [paused, setPaused] = useState(false);
  const pausedNow = useRef(false);
  const wanted = JSON.stringify(filters);

  useEffect(() => {
    const filters = JSON.parse(wanted) as TraceFilters;
    let batch: Span[] = [];
    const draw = setInterval(() => {
      if (batch.length === 0) return;
      const came = batch;
      batch = [];
      setLive((live) => arrived(live, came, pausedNow.current));
    }, FRAME_MS);
    const close = openStream({
      path: streamPath(filters),
      onState: setState,
      onMessage(message) {
        if (message.type === "trace" && passes(message.trace as Span, filters))
          batch.push(message.trace as Span);
        if (message.type === "dropped")
          setLive((live) => ({ ...live, dropped: live.dropped + Number(message.count) }));
        if (message.type === "error") setProblem(problemOf(0, message, null));
      },
    });
    return () => {
      close();
      clearInterval(draw);
      setLive(NOTHING);
    };
  }, [wanted]);

  const pause = useCallback((next: boolean) => {
    pausedNow.current = next;
    setPaused(next);
    if (!next) setLive(resumed);
  }, []);

  return { ...live, state, problem, paused, pause };
}
