import { type ReactNode, useState } from "react";
import type { Usage } from "@/api/types";
import { t } from "@/i18n";
import { formatNumber } from "@/i18n/numbers";
import { formatTokens } from "@/i18n/units";
import { useConversation } from "@/stream/react";
import { Button } from "@/ui/button";
import { BudgetDialog } from "@/ui/lazy-budget-dialog";
import { Popover } from "@/ui/popover";
import { BudgetLines } from "./budget-lines";

const RADIUS = 6;
const CIRCUMFERENCE = 2 * Math.PI * RADIUS;

/** How full the model's window is, and what the conversation has consumed. */
export function ContextMeter({ id }: { id: string }) {
  const [limiting, setLimiting] = useState(false);
  const used = useConversation(({ state }) => state?.contextUsed ?? 0);
  const limit = useConversation(({ state }) => state?.contextLimit ?? null);
  const usage = useConversation(({ state }) => state?.usage ?? NO_USAGE);
  const estimated = usage.source !== "reported";
  const share = limit ? Math.min(1, used / limit) : null;
  const approximately = estimated && used > 0 ? "≈ " : "";
  const percent = share === null ? "" : `${approximately}${Math.round(share * 100)} %`;
  const label =
    share === null ? t("meter.unknown", { used: formatTokens(used) }) : t("meter.label", { percent });
  const trigger = (
    <button
      type="button"
      data-testid="context-meter"
      aria-label={label}
      title={label}
      className="tap flex shrink-0 items-center justify-center gap-1.5 rounded-control px-1.5 text-12 text-text-2 hover:bg-hover pointer-coarse:min-w-11"
    >
      <Ring share={share ?? 0} />
      <span className="max-md:hidden">{percent || formatTokens(used)}</span>
    </button>
  );
  return (
    <>
      <Popover trigger={trigger} label={t("meter.title")}>
        <Figures usage={usage} used={used} limit={limit} />
        <BudgetLines id={id} spent={usage.input + usage.cached + usage.output + usage.reasoning} />
        {estimated && used > 0 && <p className="pt-2 text-12 text-text-3">{t("meter.estimated")}</p>}
        <Button kind="quiet" className="mt-2 self-start" onClick={() => setLimiting(true)}>
          {t("meter.limits")}
        </Button>
      </Popover>
      {limiting && (
        <BudgetDialog
          id={id}
          saveLabel={t("action.save")}
          onClose={() => setLimiting(false)}
          onSaved={() => setLimiting(false)}
        />
      )}
    </>
  );
}

function Ring({ share }: { share: number }) {
  const colour = share >= 0.9 ? "text-error" : share >= 0.75 ? "text-waiting" : "text-accent";
  return (
    <svg aria-hidden="true" width="16" height="16" viewBox="0 0 16 16" fill="none" strokeWidth="2.5">
      <circle cx="8" cy="8" r={RADIUS} className="stroke-line" />
      <circle
        cx="8"
        cy="8"
        r={RADIUS}
        stroke="currentColor"
        className={colour}
        strokeDasharray={`${share * CIRCUMFERENCE} ${CIRCUMFERENCE}`}
        transform="rotate(-90 8 8)"
      />
    </svg>
  );
}

interface FiguresProps {
  usage: Usage;
  used: number;
  limit: number | null;
}

function Figures({ usage, used, limit }: FiguresProps) {
  return (
    <>
      <Heading>{t("meter.title")}</Heading>
      <p className="flex justify-between text-text-2">
        <span>
          {limit
            ? t("meter.of", { used: formatNumber(used), limit: formatNumber(limit) })
            : t("meter.tokens", { used: formatNumber(used) })}
        </span>
        {limit && <span className="text-text">{Math.round((used / limit) * 100)} %</span>}
      </p>
      <Heading>{t("meter.total")}</Heading>
      <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-0.5">
        <Figure name={t("meter.input")} value={count(usage.input)} />
        <Figure name={t("meter.cached")} value={count(usage.cached)} />
        {usage.written > 0 && <Figure name={t("meter.written")} value={count(usage.written)} />}
        <Figure name={t("meter.output")} value={count(usage.output)} />
        <Figure name={t("meter.reasoning")} value={count(usage.reasoning)} />
        <Figure name={t("meter.cost")} value={costInWords(usage)} />
      </dl>
    </>
  );
}

function Heading({ children }: { children: ReactNode }) {
  return <h3 className="pt-1 text-11 font-medium text-text-3 first:pt-0">{children}</h3>;
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-text-2">{name}</dt>
      <dd className="text-right">{value}</dd>
    </>
  );
}

function count(tokens: number): string {
  return formatNumber(tokens);
}

function costInWords({ cost_micros: micros, cost_incomplete: incomplete, source }: Usage): string {
  if (micros == null) return t("meter.costUnknown");
  const amount = micros / 1_000_000;
  const cost = `${source === "reported" ? "" : "≈ "}$${formatNumber(amount, amount < 1 ? 4 : 2)}`;
  return incomplete ? t("meter.costAtLeast", { cost }) : cost;
}

const NO_USAGE: Usage = {
  input: 0,
  cached: 0,
  written: 0,
  output: 0,
  reasoning: 0,
  cost_micros: null,
  cost_incomplete: false,
  source: "estimated",
};
