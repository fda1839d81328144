import { useInfiniteQuery } from "@tanstack/react-query";
import { listConversations } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { ProblemView } from "@/ui/problem-view";
import { useNow } from "@/ui/use-now";
import { ARCHIVED_KEY } from "./organise";
import { ConversationRow, type RowActions } from "./row";

const AGE_MS = 30_000;

/** The conversations that are put away, in place of the others. */
export function ArchivedList({ onClose, ...actions }: RowActions & { onClose: () => void }) {
  const { data, error, isPending, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ARCHIVED_KEY,
    queryFn: ({ pageParam }) => listConversations(pageParam, true),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: 0,
  });
  const now = useNow(true, AGE_MS);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="min-h-0 flex-1 overflow-y-auto pb-2" data-testid="archived-list">
      <div className="flex items-center justify-between px-3.5 pt-2.5 pb-1">
        <h2 className="text-11 font-medium text-text-3">{t("sidebar.archived")}</h2>
        <Button kind="quiet" onClick={onClose}>
          {t("sidebar.backToList")}
        </Button>
      </div>
      {error && (
        <div className="px-2">
          <ProblemView problem={toProblem(error)} />
        </div>
      )}
      {!isPending && items.length === 0 && (
        <p className="px-3.5 py-3 text-text-3">{t("sidebar.archivedEmpty")}</p>
      )}
      {items.map((conversation) => (
        <ConversationRow key={conversation.id} conversation={conversation} now={now} {...actions} />
      ))}
      {hasNextPage && (
        <div className="px-2 pt-1">
          <Button kind="quiet" onClick={() => void fetchNextPage()}>
            {t("sidebar.more")}
          </Button>
        </div>
      )}
    </div>
  );
}
