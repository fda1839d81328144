import { type FormEvent, useEffect, useState } from "react";
import { getBudget, saveBudget } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { Budget, BudgetState, Problem } from "@/api/types";
import { t } from "@/i18n";
import { formatNumber } from "@/i18n/numbers";
import { BudgetFields } from "./budget-fields";
import { Button } from "./button";
import { drawnMoney } from "./cost";
import { Dialog } from "./dialog";
import { ProblemView } from "./problem-view";

interface BudgetDialogProps {
  /** The conversation. */
  id: string;
  onClose: () => void;
  saveLabel: string;
  /** The limits have been saved; they hold for the next run. */
  onSaved: () => void;
}

/** Asks for a conversation's own limits. Empty fields leave those of the settings. */
export function BudgetDialog({ id, saveLabel, onClose, onSaved }: BudgetDialogProps) {
  const [state, setState] = useState<BudgetState | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let current = true;
    getBudget(id)
      .then((budget) => current && setState(budget))
      .catch((error: unknown) => current && setProblem(toProblem(error)));
    return () => {
      current = false;
    };
  }, [id]);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("budget.title")}>
      {problem && <ProblemView problem={problem} />}
      {state && <BudgetForm {...{ id, saveLabel, state, onClose, onSaved }} />}
    </Dialog>
  );
}

function BudgetForm({ id, saveLabel, state, onClose, onSaved }: BudgetDialogProps & { state: BudgetState }) {
  const [run, setRun] = useState<Budget>(state.own.run);
  const [conversation, setConversation] = useState<Budget>(state.own.conversation);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const save = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    saveBudget(id, { run, conversation })
      .then(onSaved)
      .catch((error: unknown) => setProblem(toProblem(error)))
      .finally(() => setBusy(false));
  };
  return (
    <form onSubmit={save} className="flex flex-col gap-3">
      <p className="text-text-2" data-testid="budget-spent">
        {spentInWords(state)}
      </p>
      <BudgetFields
        title={t("budget.conversation")}
        value={conversation}
        fallback={state.conversation.limit}
        onChange={setConversation}
      />
      <BudgetFields title={t("budget.run")} value={run} fallback={state.run} onChange={setRun} />
      <p className="text-12 text-text-3">{t("budget.help")}</p>
      {problem && <ProblemView problem={problem} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button kind="primary" type="submit" disabled={busy}>
          {saveLabel}
        </Button>
      </div>
    </form>
  );
}

function spentInWords({ conversation: { spent } }: BudgetState): string {
  return t("budget.spent", {
    steps: spent.steps,
    tokens: formatNumber(spent.tokens),
    money: drawnMoney(spent),
    minutes: Math.round(spent.time_ms / 60_000),
  });
}
