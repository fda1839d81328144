import { API_BASE } from "@/api/client";
import { Hub, type HubMessage } from "./hub";
import { canRelay, openRelay } from "./relay";
import type { EventSourceClient } from "./source";

/** The event stream where workers cannot be shared: through one of the tabs, else one of this tab's own. */
export function openWithoutWorker(receive: (message: HubMessage) => void): EventSourceClient {
  return canRelay ? openRelay(receive) : openDirect(receive);
}

function openDirect(receive: (message: HubMessage) => void): EventSourceClient {
  const hub = new Hub(API_BASE);
  hub.join(receive);
  return { send: (message) => void hub.receive(receive, message), close: () => hub.close() };
}
