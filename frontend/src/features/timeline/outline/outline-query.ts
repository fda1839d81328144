import { getOutline, OUTLINE_PART } from "@/api/endpoints";
import type { OutlineItem } from "@/api/types";

/** All messages of the person in a conversation, in short; asked for anew whenever it is looked at. */
export const outlineQuery = (id: string) => ({
  queryKey: ["outline", id],
  queryFn: () => wholeOutline(id),
  staleTime: 0,
});

async function wholeOutline(id: string): Promise<OutlineItem[]> {
  const all: OutlineItem[] = [];
  for (;;) {
    const part = await getOutline(id, all.at(-1)?.message_id);
    all.push(...part);
    if (part.length < OUTLINE_PART) return all;
  }
}
