import { useEffect, useState } from "react";
import { useConnection, useRestartedAt } from "@/stream/react";

/** How long it is told that Slipway was restarted. */
const TOLD_MS = 8_000;

/** Whether Slipway was restarted a moment ago: told once, while there is a connection again. */
export function useRestarted(): boolean {
  const at = useRestartedAt();
  const isOpen = useConnection().kind === "open";
  const [told, setTold] = useState(() => (at !== null && Date.now() - at > TOLD_MS ? at : null));
  useEffect(() => {
    if (at === null) return;
    const timer = setTimeout(() => setTold(at), Math.max(0, at + TOLD_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [at]);
  return at !== null && told !== at && isOpen;
}
