import { t } from "@/i18n";
import { useConnection } from "@/stream/react";
import { useNow } from "@/ui/use-now";

/** Short losses are nobody's business. */
const GRACE_MS = 2_000;

/** How the connection to the gateway is doing, in one line. */
export function ConnectionLine() {
  const { words, colour, shape } = useConnectionWords();
  return (
    <p
      data-testid="conn"
      role="status"
      className="flex items-center gap-2 truncate pl-1.5 text-12 text-text-3"
    >
      <span aria-hidden="true" className={colour}>
        {shape}
      </span>
      {words}
    </p>
  );
}

function useConnectionWords() {
  const state = useConnection();
  const now = useNow(state.kind === "reconnecting");
  if (state.kind === "unauthorized")
    return { words: t("connection.unauthorized"), colour: "text-error", shape: "✕" };
  if (state.kind === "connecting")
    return { words: t("connection.connecting"), colour: "text-text-3", shape: "○" };
  if (state.kind === "open" || now - state.since < GRACE_MS) {
    return { words: t("connection.open"), colour: "text-ok", shape: "●" };
  }
  const words = t(navigator.onLine ? "connection.reconnecting" : "connection.offline");
  return { words, colour: "text-waiting", shape: "◐" };
}
