import { Suspense, useState } from "react";
import type { Usage } from "@/api/types";
import { t } from "@/i18n";
import { formatTokens } from "@/i18n/units";
import { useConversation } from "@/stream/react";
import { Button } from "@/ui/button";
import { BudgetDialog } from "@/ui/lazy-budget-dialog";
import { lazyPart } from "@/ui/lazy-part";
import { Popover } from "@/ui/popover";

const MeterDetails = lazyPart(() => import("./meter-details"));

const RADIUS = 6;
const CIRCUMFERENCE = 2 * Math.PI * RADIUS;

/** How full the model's window is, and what the conversation has consumed. */
export function ContextMeter({ id, onShowContext }: { id: string; onShowContext: () => void }) {
  const [limiting, setLimiting] = useState(false);
  const used = useConversation(({ state }) => state?.contextUsed ?? 0);
  const limit = useConversation(({ state }) => state?.contextLimit ?? null);
  const usage = useConversation(({ state }) => state?.usage ?? NO_USAGE);
  const estimated = usage.source !== "reported";
  const files = useConversation(({ state }) => state?.contextFiles.length ?? 0);
  const share = limit ? Math.min(1, used / limit) : null;
  const approximately = estimated && used > 0 ? "≈ " : "";
  const percent = share === null ? "" : `${approximately}${Math.round(share * 100)} %`;
  const label =
    share === null ? t("meter.unknown", { used: formatTokens(used) }) : t("meter.label", { percent });
  const trigger = (
    <button
      type="button"
      data-testid="context-meter"
      data-level={levelOf(share ?? 0)}
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
        <Suspense>
          <MeterDetails
            id={id}
            usage={usage}
            used={used}
            limit={limit}
            files={files}
            onShowContext={onShowContext}
          />
        </Suspense>
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

/** How much attention the window deserves. */
function levelOf(share: number): keyof typeof COLOURS {
  if (share >= 0.9) return "full";
  if (share >= 0.75) return "high";
  return share >= 0.5 ? "half" : "low";
}

const COLOURS = { low: "text-text-3", half: "text-accent", high: "text-waiting", full: "text-error" };

function Ring({ share }: { share: number }) {
  const colour = COLOURS[levelOf(share)];
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

const NO_USAGE: Usage = {
  input: 0,
  cached: 0,
  written: 0,
  output: 0,
  reasoning: 0,
  cost_micros: null,
  cost_incomplete: false,
  included: 0,
  source: "estimated",
};
