import { ChevronRight, ListTodo } from "lucide-react";
import { useId } from "react";
import { t } from "@/i18n";
import { useConversation } from "@/stream/react";
import { Icon } from "@/ui/icon";
import { closedSteps, PlanList } from "@/ui/plan-list";
import { useStored } from "@/ui/use-stored";

/** The model's plan above the composer: one line, all of it on request. */
export function PlanStrip() {
  const plan = useConversation(({ state }) => state?.plan ?? null);
  const [stored, setStored] = useStored("slipway.planOpen");
  const listId = useId();
  if (!plan || plan.steps.length === 0) return null;
  const open = stored === "yes";
  const current = plan.steps.find(({ status }) => status === "in_progress");
  return (
    <section
      aria-label={t("plan.title")}
      data-testid="plan"
      className="mb-1.5 rounded-card border border-line bg-surface px-3 py-1"
    >
      <button
        type="button"
        aria-expanded={open}
        aria-controls={listId}
        onClick={() => setStored(open ? "no" : "yes")}
        className="tap flex w-full min-w-0 items-center gap-2 text-left"
      >
        <Icon of={ListTodo} className="shrink-0 text-text-3" />
        <span className="shrink-0 text-12 text-text-3">
          {t("plan.title")} {t("plan.progress", { closed: closedSteps(plan), all: plan.steps.length })}
        </span>
        <span className="min-w-0 truncate">{current?.text ?? t("plan.allClosed")}</span>
        <Icon
          of={ChevronRight}
          className={`ml-auto shrink-0 text-text-3 transition-transform duration-100 ${open ? "-rotate-90" : ""}`}
        />
      </button>
      <div id={listId} hidden={!open} className="max-h-[30dvh] overflow-y-auto pt-1 pb-1.5">
        {open && <PlanList plan={plan} />}
      </div>
    </section>
  );
}
