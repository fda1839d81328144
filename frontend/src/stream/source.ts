import { API_BASE } from "@/api/client";
import { Hub, type HubMessage, type TabMessage } from "./hub";

/** A tab's access to the event stream. */
export interface EventSourceClient {
  send(message: TabMessage): void;
  close(): void;
}

/** Opens the browser's shared event stream, or one of this tab's own where workers cannot be shared. */
export function openEventSource(receive: (message: HubMessage) => void): EventSourceClient {
  if (typeof SharedWorker === "undefined") return openDirect(receive);
  try {
    return openShared(receive);
  } catch {
    return openDirect(receive);
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
    fallback = openDirect(receive);
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

function openDirect(receive: (message: HubMessage) => void): EventSourceClient {
  const hub = new Hub(API_BASE);
  hub.join(receive);
  return { send: (message) => void hub.receive(receive, message), close: () => hub.close() };
}
