import { useTurns } from "@/api/context";
import { isActive } from "@/api/status";
import { t } from "@/i18n";
import { formatTokens } from "@/i18n/units";
import { useConversation } from "@/stream/react";
import { turnCost } from "@/ui/cost";

/** What the last turn took, once it is over. */
export default function TurnCost() {
  const conversation = useConversation(({ state }) => state?.conversation ?? null);
  const usage = useConversation(({ state }) => state?.usage ?? null);
  const over = conversation !== null && !isActive(conversation.status) && conversation.run_id != null;
  if (!over || !usage || usage.input + usage.cached + usage.output === 0) return null;
  return <Line key={conversation.run_id} id={conversation.id} run={conversation.run_id ?? ""} />;
}

function Line({ id, run }: { id: string; run: string }) {
  const usage = useConversation(({ state }) => state?.usage ?? null);
  const turn = useTurns(id, `${run} over`).data?.find(({ run_id }) => run_id === run);
  if (!turn || !usage || turn.tokens === 0) return null;
  return (
    <p data-testid="turn-cost" className="pb-2 text-12 text-text-3 md:pl-[52px]">
      {t("meter.turnCost", { tokens: formatTokens(turn.tokens), cost: turnCost(turn, usage) })}
    </p>
  );
}
