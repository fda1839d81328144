import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { listChangeMarks } from "@/api/changes";
import { useConversation } from "@/stream/react";
import { type Marks, marksOf, NO_MARKS } from "./marks";

/** What the agent has changed in this conversation; asked for again at each new checkpoint. */
export function useMarks(): Marks {
  const id = useConversation(({ state }) => state?.conversation.id ?? "");
  const checkpoint = useConversation(({ state }) => state?.checkpoint ?? null);
  const { data } = useQuery({
    queryKey: ["changes", id, "marks", checkpoint],
    queryFn: () => listChangeMarks(id),
    // What was there stays while it is asked for again, but never in another conversation.
    placeholderData: (before, query) => (query?.queryKey[1] === id ? before : undefined),
    enabled: id !== "",
  });
  return useMemo(() => (data ? marksOf(data) : NO_MARKS), [data]);
}
