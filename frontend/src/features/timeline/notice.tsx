import type { NoticeLevel } from "@/api/types";

const LOOKS: Record<NoticeLevel, { shape: string; colour: string }> = {
  info: { shape: "i", colour: "text-text-3" },
  warning: { shape: "▲", colour: "text-waiting" },
  error: { shape: "✕", colour: "text-error" },
};

/** Something that Slipway itself has to say. */
export function Notice({ level, text }: { level: NoticeLevel; text: string }) {
  const { shape, colour } = LOOKS[level];
  return (
    <p data-testid="notice" data-level={level} className="flex max-w-[84ch] gap-2 py-1 text-text-2">
      <span aria-hidden="true" className={`w-4 shrink-0 text-center ${colour}`}>
        {shape}
      </span>
      <span className="whitespace-pre-wrap">{text}</span>
    </p>
  );
}
