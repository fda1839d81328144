import type { RunStatus } from "@/api/types";
import { t } from "@/i18n";

const GLYPHS: Record<RunStatus, { shape: string; colour: string }> = {
  idle: { shape: "○", colour: "text-text-3" },
  queued: { shape: "◔", colour: "text-accent" },
  starting_sandbox: { shape: "◐", colour: "text-accent" },
  running: { shape: "●", colour: "text-accent" },
  waiting_approval: { shape: "▲", colour: "text-waiting" },
  waiting_user: { shape: "▲", colour: "text-waiting" },
  stopping: { shape: "◧", colour: "text-waiting" },
  stopped: { shape: "■", colour: "text-text-3" },
  limit_reached: { shape: "▲", colour: "text-waiting" },
  done: { shape: "✓", colour: "text-ok" },
  error: { shape: "✕", colour: "text-error" },
};

/** A run's state by shape and colour, and in words for those who see neither. */
export function StatusGlyph({ status }: { status: RunStatus }) {
  const { shape, colour } = GLYPHS[status];
  const words = t(`status.${status}`);
  return (
    <span
      role="img"
      aria-label={words}
      title={words}
      className={`inline-block w-3.5 text-center text-12 ${colour}`}
    >
      {shape}
    </span>
  );
}
