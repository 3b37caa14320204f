// Whether the control plane answers. Any request finds out that it does not; from then on it is asked until it does,
// and whoever waited asks again.
import { createStore } from "./store";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 10_000;
const PATIENCE_MS = 5000;

export const unreachableSince = createStore<number | null>(null);

let recovered: () => void = () => undefined;

export function onRecovery(listener: () => void): void {
  recovered = listener;
}

export function lostConnection(): void {
  if (unreachableSince.get() !== null) return;
  unreachableSince.set(Date.now());
  void askUntilAnswered();
}

async function askUntilAnswered(): Promise<void> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (await answers()) break;
  }
  unreachableSince.set(null);
  recovered();
}

async function answers(): Promise<boolean> {
  try {
    // Not its health, which is well without a database. A refusal is an answer too.
    const answer = await fetch("/v1/auth/me", {
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return answer.status < 500;
  } catch {
    return false;
  }
}
