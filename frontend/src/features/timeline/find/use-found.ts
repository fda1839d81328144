import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { searchMessages } from "@/api/endpoints";
import { useConversationStore } from "@/stream/react";

/** Nothing is asked while the person is still writing. */
const PAUSE_MS = 150;
/** Messages before the end of the known ones at which more are asked for. */
const AHEAD = 5;

/** The messages that hold a text, newest first, and the one that somebody is at. */
export function useFound(text: string) {
  const { id } = useConversationStore();
  const words = useSettled(text.trim());
  // In quotation marks a text is found as it is, not word by word.
  const query = useInfiniteQuery({
    queryKey: ["find", id, words],
    queryFn: ({ pageParam }) => searchMessages(`"${words.replaceAll('"', " ")}"`, pageParam, id),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    enabled: words !== "",
    staleTime: 0,
  });
  const hits = words === "" ? [] : (query.data?.pages.flatMap((page) => page.hits) ?? []);
  const isSettled = words === text.trim() && !query.isPlaceholderData && !query.isFetching;
  const [at, setAt] = useState({ words, index: 0 });
  const index = at.words === words ? Math.min(at.index, Math.max(0, hits.length - 1)) : 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && index >= hits.length - AHEAD) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, index, hits.length]);
  /** Goes to the next older (1) or newer (-1) one; from one end to the other once all are known. */
  const move = (step: 1 | -1) => {
    const wanted = index + step;
    if (hits.length === 0 || (hasNextPage && (wanted < 0 || wanted >= hits.length))) return;
    setAt({ words, index: (wanted + hits.length) % hits.length });
  };
  return { words, hits, index, move, isSettled, isWhole: !hasNextPage, error: query.error };
}

/** The value once it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
