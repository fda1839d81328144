import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { getConversation } from "@/api/endpoints";
import type { Usage } from "@/api/types";
import { t } from "@/i18n";
import { formatTokens } from "@/i18n/units";
import { costInWords } from "@/ui/cost";

/** A pointer that only passes by asks nothing. */
const REST_MS = 150;
const FRESH_MS = 10_000;

/** What a conversation has cost so far, asked for while the person points at its row; nothing until that is known. */
export default function RowCost({ id }: { id: string }) {
  const rests = useRest();
  const { data } = useQuery({
    queryKey: ["conversation-usage", id],
    queryFn: async () => (await getConversation(id, 1)).usage,
    enabled: rests,
    staleTime: FRESH_MS,
    retry: false,
  });
  if (!data) return null;
  return (
    <span data-testid="row-cost" className="pr-1 text-12 text-text-2">
      <span className="sr-only">{t("meter.cost")}: </span>
      {inWords(data)}
    </span>
  );
}

function inWords(usage: Usage): string {
  if (usage.cost_micros != null || usage.included > 0) return costInWords(usage);
  const tokens = usage.input + usage.cached + usage.written + usage.output + usage.reasoning;
  return t("sidebar.tokens", { n: formatTokens(tokens) });
}

/** Whether this has been on the page for a moment. */
function useRest(): boolean {
  const [rests, setRests] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRests(true), REST_MS);
    return () => clearTimeout(timer);
  }, []);
  return rests;
}
