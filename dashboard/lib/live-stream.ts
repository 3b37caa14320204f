// A WebSocket that stays: it comes back after every loss, a little later each time, until it is refused or closed.

export type StreamState = "connecting" | "live" | "lost" | "refused";

export interface StreamMessage {
  type: string;
  [field: string]: unknown;
}

interface Options {
  path: string;
  onMessage: (message: StreamMessage) => void;
  onState: (state: StreamState) => void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** Credentials, permission, too many streams: asking again will not help. */
const REFUSED = new Set([4401, 4403, 4429]);
/** Nothing for so long, not even a heartbeat: nobody is there. */
const SILENCE_MS = 40_000;

/** Opens it; what is returned closes it for good. */
export function openStream({ path, onMessage, onState }: Options): () => void {
  let socket: WebSocket | null = null;
  let again: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST_WAIT_MS;
  let closed = false;

  function heard() {
    clearTimeout(silence);
    silence = setTimeout(() => socket?.close(), SILENCE_MS);
  }

  function connect() {
    onState("connecting");
    const url = new URL(path, window.location.href);
    url.protocol = url.protocol.replace("http", "ws");
    socket = new WebSocket(url);
    heard();
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      if (closed) return;
      heard();
      const message = JSON.parse(data) as StreamMessage;
      if (message.type === "hello") {
        wait = FIRST_WAIT_MS;
        onState("live");
      }
      onMessage(message);
    };
    socket.onclose = ({ code }) => {
      clearTimeout(silence);
      if (closed) return;
      if (REFUSED.has(code)) return onState("refused");
      onState("lost");
      again = setTimeout(connect, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  }

  connect();
  return () => {
    closed = true;
    clearTimeout(again);
    clearTimeout(silence);
    socket?.close();
  };
}
