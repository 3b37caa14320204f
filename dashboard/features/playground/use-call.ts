"use client";

import { useEffect, useRef, useState } from "react";
import { callTool, type Answer, type Call } from "./mcp/call-tool";

export interface CallState {
  answer: Answer | null;
  /** What kept the call from being made. */
  error: unknown;
  running: boolean;
}

const IDLE: CallState = { answer: null, error: null, running: false };

/** One call at a time; leaving the page ends it. */
export function useCall() {
  const [state, setState] = useState<CallState>(IDLE);
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);

  async function start(call: Call) {
    current.current?.abort();
    const control = new AbortController();
    current.current = control;
    setState({ ...IDLE, running: true });
    try {
      const answer = await callTool(call, control.signal);
      if (!control.signal.aborted) setState({ ...IDLE, answer });
    } catch (error) {
      if (!control.signal.aborted) setState({ ...IDLE, error });
    }
  }
  function cancel() {
    current.current?.abort();
    setState(IDLE);
  }
  return { ...state, start: (call: Call) => void start(call), cancel };
}
