import type { RunStatus } from "@/api/types";
import { t } from "@/i18n";
import { Glyph, type Shape } from "./glyph";

const GLYPHS: Record<RunStatus, { shape: Shape; colour: string }> = {
  idle: { shape: "ring", colour: "text-text-3" },
  queued: { shape: "quarter", colour: "text-accent" },
  starting_sandbox: { shape: "half", colour: "text-accent" },
  running: { shape: "disc", colour: "text-accent" },
  waiting_approval: { shape: "triangle", colour: "text-waiting" },
  waiting_user: { shape: "triangle", colour: "text-waiting" },
  pausing: { shape: "half", colour: "text-waiting" },
  paused: { shape: "bars", colour: "text-waiting" },
  stopping: { shape: "halfSquare", colour: "text-waiting" },
  stopped: { shape: "square", colour: "text-text-3" },
  limit_reached: { shape: "triangle", colour: "text-waiting" },
  done: { shape: "check", colour: "text-ok" },
  error: { shape: "cross", colour: "text-error" },
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
      className={`inline-block w-3.5 shrink-0 text-center text-12 ${colour}`}
    >
      <Glyph of={shape} />
    </span>
  );
}
