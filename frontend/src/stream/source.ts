import type { HubMessage, TabMessage } from "./hub";

/** A tab's access to the event stream. */
export interface EventSourceClient {
  send(message: TabMessage): void;
  close(): void;
}

/**
 * Opens the browser's shared event stream: in a shared worker; where there is none, in one of the tabs for all; and where
 * tabs cannot speak to each other either, in each of its own.
 */
export function openEventSource(receive: (message: HubMessage) => void): EventSourceClient {
  if (typeof SharedWorker === "undefined") return openLater(receive);
  try {
    return openShared(receive);
  } catch {
    return openLater(receive);
  }
}

function openShared(receive: (message: HubMessage) => void): EventSourceClient {
  const worker = new SharedWorker(new URL("./shared-worker.ts", import.meta.url), {
    type: "module",
    name: "slipway-events",
  });
  let fallback: EventSourceClient | null = null;
  const unsent: TabMessage[] = [];
  let heard = false;
  worker.port.onmessage = (event: MessageEvent<HubMessage>) => {
    heard = true;
    receive(event.data);
  };
  worker.onerror = () => {
    if (heard || fallback) return;
    fallback = openLater(receive);
    for (const message of unsent) fallback.send(message);
  };
  return {
    send: (message) => {
      if (fallback) return fallback.send(message);
      if (!heard) unsent.push(message);
      worker.port.postMessage(message);
    },
    close: () => {
      worker.port.postMessage({ type: "bye" } satisfies TabMessage);
      worker.port.close();
      fallback?.close();
    },
  };
}

const RETRY_LOAD_MS = 2_000;

/** Where there is a shared worker, as in most browsers, the code for the others is not even loaded. */
function openLater(receive: (message: HubMessage) => void): EventSourceClient {
  const unsent: TabMessage[] = [];
  let opened: EventSourceClient | null = null;
  let closed = false;
  const load = async () => {
    try {
      const { openWithoutWorker } = await import("./without-worker");
      if (closed) return;
      opened = openWithoutWorker(receive);
      for (const message of unsent) opened.send(message);
    } catch {
      if (!closed) setTimeout(() => void load(), RETRY_LOAD_MS);
    }
  };
  void load();
  return {
    send: (message) => {
      if (opened) opened.send(message);
      else unsent.push(message);
    },
    close: () => {
      closed = true;
      opened?.close();
    },
  };
}
