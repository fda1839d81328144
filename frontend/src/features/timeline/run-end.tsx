import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { useState } from "react";
import { continueRun, getBudget } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { isActive, isContinuable } from "@/api/status";
import type { Problem } from "@/api/types";
import { t } from "@/i18n";
import { formatClock } from "@/i18n/units";
import { useConversation } from "@/stream/react";
import type { ConversationState } from "@/stream/reducer";
import { runAction, useAction } from "@/ui/actions/registry";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { BudgetDialog } from "@/ui/lazy-budget-dialog";
import { ProblemView } from "@/ui/problem-view";
import { sentences } from "@/ui/problem-words";
import { StatusGlyph } from "@/ui/status-glyph";
import { useAttempt } from "@/ui/use-attempt";
import { useNow } from "@/ui/use-now";

/** The end of the timeline: what the run is doing, or how it ended and what can be done next. */
export function RunEnd() {
  const state = useConversation((view) => view.state);
  if (!state) return null;
  const { status, problem } = state.conversation;
  return (
    // As high without the line of a run as with it: its end moves nothing.
    <div className="min-h-9 pt-1 pb-3 md:pl-[52px]">
      {isActive(status) && status !== "paused" && <RunLine state={state} />}
      {status === "paused" && <Paused id={state.conversation.id} />}
      {isContinuable(status) && (
        <Ended id={state.conversation.id} status={status} problem={problem ?? null} />
      )}
    </div>
  );
}

function RunLine({ state }: { state: ConversationState }) {
  const now = useNow(true);
  const { status, run_started_at: startedAt, problem } = state.conversation;
  const words = [t(status === "running" ? "run.working" : `status.${status}`)];
  if (startedAt != null) words.push(formatClock(now - startedAt));
  if (state.step > 0) words.push(t("run.step", { n: state.step }));
  if (state.retry) {
    const seconds = Math.max(0, Math.ceil((state.retry.at - now) / 1_000));
    words.push(t("run.retry", { attempt: state.retry.attempt, seconds }));
  }
  return (
    <div data-testid="run-status" data-status={status} className="flex flex-col gap-1 text-12 text-text-3">
      <p className="flex items-center gap-2">
        <StatusGlyph status={status} />
        {words.join(" · ")}
      </p>
      {state.retry && problem && (
        <p className="pl-[22px] text-waiting">
          {problem.title}
          {problem.detail && <span className="text-text-3"> – {problem.detail}</span>}
        </p>
      )}
    </div>
  );
}

/** A run that rests: why nothing happens, and how it goes on. */
function Paused({ id }: { id: string }) {
  const { busy, attempt } = useAttempt();
  const goOn = () => void attempt(() => continueRun(id));
  useAction("run.continue", busy ? null : goOn);
  return (
    <div
      data-testid="run-status"
      data-status="paused"
      className="flex flex-wrap items-center gap-x-3 gap-y-1.5"
    >
      <p className="flex items-center gap-2 text-text-2">
        <StatusGlyph status="paused" />
        <span>
          <span className="font-medium">{t("status.paused")}</span>
          {` · ${t("run.pausedHelp")}`}
        </span>
      </p>
      <Button data-testid="continue" icon={<Icon of={Play} />} disabled={busy} onClick={goOn}>
        {t("run.resume")}
      </Button>
    </div>
  );
}

interface EndedProps {
  id: string;
  status: "stopped" | "limit_reached" | "error" | string;
  problem: Problem | null;
}

function Ended({ id, status, problem }: EndedProps) {
  const [failure, setFailure] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const goOn = () => {
    setBusy(true);
    setFailure(null);
    continueRun(id)
      .catch((error: unknown) => setFailure(toProblem(error)))
      .finally(() => setBusy(false));
  };
  useAction("run.continue", busy ? null : goOn);
  const [raising, setRaising] = useState(false);
  const steps = useMoreSteps(id, problem);
  const actions = (
    <>
      <Button
        data-testid="continue"
        kind={status === "stopped" ? "secondary" : "primary"}
        icon={<Icon of={Play} />}
        disabled={busy}
        onClick={goOn}
      >
        {steps === null ? t("run.continue") : t("run.continueSteps", { n: steps })}
      </Button>
      {isBudget(problem) && (
        <Button data-testid="raise-budget" onClick={() => setRaising(true)}>
          {t("run.raise")}
        </Button>
      )}
      {status === "limit_reached" && (
        <Button data-testid="hand-over" onClick={() => runAction("conversation.handOver")}>
          {t("meter.handOver")}
        </Button>
      )}
      {status === "error" && (
        <Link to="/settings" className="text-13 text-accent underline">
          {t("run.changeModel")}
        </Link>
      )}
    </>
  );
  return (
    <div data-testid="run-end" data-status={status} className="flex flex-col gap-2 pt-1">
      {status === "error" && problem ? (
        <ProblemView problem={problem} actions={actions} />
      ) : (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
          <span className="text-text-2">
            <span className="font-medium">
              {problem?.title ?? t(status === "stopped" ? "run.stopped" : "run.limit")}
            </span>
            {` · ${inWords(problem)}`}
          </span>
          {actions}
        </div>
      )}
      {failure && <ProblemView problem={failure} />}
      {raising && (
        <BudgetDialog
          id={id}
          saveLabel={t("budget.saveAndContinue")}
          onClose={() => setRaising(false)}
          onSaved={() => {
            setRaising(false);
            goOn();
          }}
        />
      )}
    </div>
  );
}

/** How many steps the next run may have, where it was the number of steps that ended this one. */
function useMoreSteps(id: string, problem: Problem | null): number | null {
  const isBySteps = problem?.code === "step_limit";
  const { data } = useQuery({
    queryKey: ["more-steps", id],
    queryFn: () => getBudget(id),
    enabled: isBySteps,
    staleTime: 0,
  });
  return (isBySteps && data?.run.steps) || null;
}

/** Why it stands so and what to do, in one line. */
function inWords(problem: Problem | null): string {
  if (isBudget(problem)) return sentences(problem?.detail, problem?.hint);
  return problem?.hint || problem?.detail || t("run.stoppedHelp");
}

/** Whether a limit ended the run that the person can raise. */
function isBudget(problem: Problem | null): boolean {
  return /^(conversation_)?(step|token|cost|time)_limit$/.test(problem?.code ?? "");
}
