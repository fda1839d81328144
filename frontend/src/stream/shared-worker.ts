import { API_BASE } from "@/api/client";
import { Hub, type TabMessage } from "./hub";

/** The shared worker's global scope, as far as it is used here (the DOM library does not declare it). */
interface WorkerScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

const hub = new Hub(API_BASE);

(self as unknown as WorkerScope).onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  const post = port.postMessage.bind(port);
  port.onmessage = (message: MessageEvent<TabMessage>) => void hub.receive(post, message.data);
  hub.join(post);
};
