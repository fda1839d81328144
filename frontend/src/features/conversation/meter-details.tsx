import type { ReactNode } from "react";
import type { Usage } from "@/api/types";
import { t } from "@/i18n";
import { formatNumber } from "@/i18n/numbers";
import { Button } from "@/ui/button";
import { costInWords } from "@/ui/cost";
import { BudgetLines } from "./budget-lines";
import { HAND_OVER_FROM, useHandOver } from "./hand-over";
import TurnBars from "./turn-bars";

/** From which share on the engine summarises. */
const SUMMARY_FROM = 0.85;

interface DetailsProps extends FiguresProps {
  id: string;
  /** How many files the model has open. */
  files: number;
  onShowContext: () => void;
}

/** What the meter tells when it is opened. */
export default function MeterDetails({ id, usage, used, limit, files, onShowContext }: DetailsProps) {
  const share = limit ? Math.min(1, used / limit) : null;
  const estimated = usage.source !== "reported";
  return (
    <>
      <Figures usage={usage} used={used} limit={limit} />
      {share !== null && share >= HAND_OVER_FROM && <AlmostFull />}
      <Button
        kind="quiet"
        data-testid="meter-files"
        className="self-start px-0 underline"
        onClick={onShowContext}
      >
        {t("meter.files", { n: files })}
      </Button>

      <TurnBars id={id} usage={usage} />

      <BudgetLines id={id} spent={usage.input + usage.cached + usage.output + usage.reasoning} />
      {estimated && used > 0 && <p className="pt-2 text-12 text-text-3">{t("meter.estimated")}</p>}
    </>
  );
}

/** Offers to go on elsewhere; the model does it, so that it can say what the new conversation needs to know. */
function AlmostFull() {
  const { busy, handOver } = useHandOver();
  return (
    <div role="alert" data-testid="meter-full" className="flex flex-col items-start gap-1 pt-1">
      <p className="text-12 text-waiting">{t("meter.full")}</p>
      <Button disabled={busy} onClick={handOver}>
        {t("meter.handOver")}
      </Button>
    </div>
  );
}

interface FiguresProps {
  usage: Usage;
  used: number;
  limit: number | null;
}

function Figures({ usage, used, limit }: FiguresProps) {
  const prompt = usage.input + usage.cached + usage.written;
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
      {limit && (
        <p className="flex justify-between text-12 text-text-3">
          <span>{t("meter.summary")}</span>
          <span>≈ {count(Math.floor(limit * SUMMARY_FROM))}</span>
        </p>
      )}
      <Heading>{t("meter.total")}</Heading>
      <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-0.5">
        <Figure name={t("meter.input")} value={count(usage.input)} />
        <Figure name={t("meter.cached")} value={count(usage.cached)} />
        {prompt > 0 && (
          <Figure name={t("meter.cachedShare")} value={`${Math.round((usage.cached / prompt) * 100)} %`} />
        )}
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
