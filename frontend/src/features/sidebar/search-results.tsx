import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useEffect, useState } from "react";
import { searchMessages } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { SearchHit } from "@/api/types";
import { t } from "@/i18n";
import { formatAge } from "@/i18n/units";
import { Button } from "@/ui/button";
import { ProblemView } from "@/ui/problem-view";
import { StatusGlyph } from "@/ui/status-glyph";
import { useNow } from "@/ui/use-now";

/** Nothing is asked while the person is still writing. */
const PAUSE_MS = 200;
const AGE_MS = 30_000;

/** What was found: conversations by their name, then messages, newest first. */
export function SearchResults({ query }: { query: string }) {
  const words = useSettled(useDeferredValue(query));
  const { data, error, isFetching, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ["search-messages", words],
    queryFn: ({ pageParam }) => searchMessages(words, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    // A conversation goes on while its messages are searched.
    staleTime: 0,
  });
  const conversations = data?.pages.flatMap((page) => page.conversations) ?? [];
  const hits = data?.pages.flatMap((page) => page.hits) ?? [];
  const now = useNow(true, AGE_MS);
  const nothing = !isFetching && !hasNextPage && conversations.length + hits.length === 0;
  return (
    <div
      className="min-h-0 flex-1 overflow-y-auto pb-2"
      data-testid="search-results"
      aria-busy={isFetching || words !== query}
    >
      {error && (
        <div className="px-2">
          <ProblemView problem={toProblem(error)} />
        </div>
      )}
      <p role="status" className="px-3.5 py-1 text-12 text-text-3">
        {nothing ? t("search.nothing", { query: words }) : isFetching ? t("search.looking") : ""}
      </p>
      {conversations.length > 0 && <Heading text={t("search.conversations")} />}
      {conversations.map((conversation) => (
        <div key={conversation.id} className="px-2">
          <Link
            to="/c/$id"
            params={{ id: conversation.id }}
            className="tap flex min-w-0 items-center gap-2 rounded-control pr-2 pl-1.5 text-text-2 hover:bg-hover hover:text-text"
          >
            <StatusGlyph status={conversation.status} />
            <span className="min-w-0 flex-1 truncate">{conversation.title}</span>
          </Link>
        </div>
      ))}
      {hits.length > 0 && <Heading text={t("search.messages")} />}
      <ul>
        {hits.map((hit) => (
          <li key={hit.message_id} className="px-2">
            <Hit hit={hit} now={now} />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <div className="px-2 pt-1">
          <Button kind="quiet" onClick={() => void fetchNextPage()} disabled={isFetching}>
            {t("sidebar.more")}
          </Button>
        </div>
      )}
    </div>
  );
}

function Heading({ text }: { text: string }) {
  return <h2 className="px-3.5 pt-2.5 pb-1 text-11 font-medium text-text-3">{text}</h2>;
}

function Hit({ hit, now }: { hit: SearchHit; now: number }) {
  const { before, found, after } = hit.excerpt;
  return (
    <Link
      to="/c/$id"
      params={{ id: hit.conversation_id }}
      search={{ m: hit.part_id }}
      data-testid="search-hit"
      className="block rounded-control px-1.5 py-1 text-text-2 hover:bg-hover hover:text-text"
    >
      <span className="flex items-baseline gap-2 text-12">
        <span className="min-w-0 flex-1 truncate font-medium">{hit.title || t("sidebar.untitled")}</span>
        <span className="text-text-3">{hit.tool ?? t(`search.${hit.role}`)}</span>
        <span className="text-text-3">{formatAge(hit.created_at, now)}</span>
      </span>
      <span className="line-clamp-2 text-12 break-words">
        {before}
        <mark className="rounded-sm bg-selected px-0.5 text-text">{found}</mark>
        {after}
      </span>
    </Link>
  );
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
