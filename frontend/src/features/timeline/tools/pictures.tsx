import { API_BASE } from "@/api/client";
import type { ToolImage } from "@/api/types";
import { t } from "@/i18n";
import { useConversationStore } from "@/stream/react";

/** Pixels; a higher one is made smaller. */
const HIGHEST = 320;

/** Pictures that came of a call; each opens in full in a page of its own. */
export function Pictures({ images }: { images: readonly ToolImage[] }) {
  const { id } = useConversationStore();
  return images.map((image) => {
    if (!("stored" in image.content)) return null;
    const url = `${API_BASE}/conversations/${id}/images/${image.content.stored}`;
    const { width, height } = image;
    return (
      <a
        key={image.content.stored}
        href={url}
        target="_blank"
        rel="noopener"
        className="block w-fit max-w-full overflow-hidden rounded-card border border-line"
      >
        <img
          src={url}
          width={width}
          height={height}
          loading="lazy"
          decoding="async"
          alt={t("tool.picture", { width, height })}
          data-testid="tool-picture"
          // Its place is kept before it has come.
          style={{ width: Math.min(width, (HIGHEST * width) / height), aspectRatio: `${width} / ${height}` }}
          className="h-auto max-w-full object-contain"
        />
      </a>
    );
  });
}
