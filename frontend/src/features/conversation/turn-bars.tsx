import { useTurns } from "@/api/context";
import type { Usage } from "@/api/types";
import { t } from "@/i18n";
import { formatNumber } from "@/i18n/numbers";
import { formatTokens } from "@/i18n/units";
import { turnCost } from "@/ui/cost";

const HEIGHT = 36;
/** As many bars as there is room for. */
const MOST = 30;

/** What each of the newest turns took, as bars; the last one in words too. */
export default function TurnBars({ id, usage }: { id: string; usage: Usage }) {
  const turns = (useTurns(id, usage.input + usage.cached + usage.output).data ?? []).slice(-MOST);
  if (turns.length === 0) return null;
  const most = Math.max(1, ...turns.map(({ tokens }) => tokens));
  const width = 100 / Math.max(turns.length, 8);
  const words = turns.map((turn) =>
    t("meter.turn", { tokens: formatNumber(turn.tokens), cost: turnCost(turn, usage) }),
  );
  return (
    <>
      <h3 className="pt-1 text-11 font-medium text-text-3">{t("meter.turns")}</h3>
      <svg
        role="img"
        aria-label={words.join("; ")}
        data-testid="turn-bars"
        viewBox={`0 0 100 ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-9 w-full text-accent"
      >
        {turns.map(({ run_id: run, tokens }, at) => {
          const height = Math.max(1, (tokens / most) * HEIGHT);
          return (
            <rect
              key={run}
              x={at * width}
              y={HEIGHT - height}
              width={width * 0.8}
              height={height}
              fill="currentColor"
            >
              <title>{words[at]}</title>
            </rect>
          );
        })}
      </svg>
      <p className="flex justify-between text-12 text-text-3">
        <span>{formatTokens(most)}</span>
        <span>{words.at(-1)}</span>
      </p>
    </>
  );
}
