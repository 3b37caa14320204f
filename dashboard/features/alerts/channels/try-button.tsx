"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { toast, toastProblem } from "@/components/ui/toast";
import { duration } from "@/lib/time/time";
import { tryChannel, type Channel, type Trial } from "./api";

/** Sends a test by a channel, and says what came of it. */
export function TryButton({ channel }: { channel: Pick<Channel, "id" | "name"> }) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);

  async function run() {
    setBusy(true);
    try {
      const trial = await tryChannel(channel.id);
      if (trial.ok) toast(`${channel.name} took the test in ${duration(trial.latency_ms)}.`);
      else toastProblem(new Error(refusal(channel.name, trial)));
      await client.invalidateQueries({ queryKey: ["alerts", "channels"] });
    } catch (error) {
      toastProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Button size="small" disabled={busy} aria-label={`Test ${channel.name}`} onClick={() => void run()}>
      {busy ? "Testing …" : "Test"}
    </Button>
  );
}

function refusal(name: string, { status_code, error }: Trial): string {
  const said = [status_code !== null && `HTTP ${status_code}`, error].filter(Boolean).join(": ");
  return `The test by ${name} failed${said ? `: ${said}` : ""}.`;
}
