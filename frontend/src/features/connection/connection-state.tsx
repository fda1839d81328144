import { t } from "@/i18n";
import { useConnection } from "@/stream/react";
import { Glyph, type Shape } from "@/ui/glyph";
import { useNow } from "@/ui/use-now";
import { useRestarted } from "./restarted";

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
      <Glyph of={shape} className={colour} />
      {words}
    </p>
  );
}

function useConnectionWords(): { words: string; colour: string; shape: Shape } {
  const state = useConnection();
  const now = useNow(state.kind === "reconnecting");
  const restarted = useRestarted();
  if (state.kind === "unauthorized")
    return { words: t("connection.unauthorized"), colour: "text-error", shape: "cross" };
  if (state.kind === "connecting")
    return { words: t("connection.connecting"), colour: "text-text-3", shape: "ring" };
  if (restarted) return { words: t("connection.restarted"), colour: "text-waiting", shape: "turned" };
  if (state.kind === "open" || now - state.since < GRACE_MS) {
    return { words: t("connection.open"), colour: "text-ok", shape: "disc" };
  }
  const words = t(navigator.onLine ? "connection.reconnecting" : "connection.offline");
  return { words, colour: "text-waiting", shape: "half" };
}
