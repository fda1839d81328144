import type { Plan, PlanStatus } from "@/api/types";
import { t } from "@/i18n";
import { classes } from "./classes";
import { Glyph, type Shape } from "./glyph";

const LOOKS: Record<PlanStatus, { shape: Shape; colour: string; text: string }> = {
  pending: { shape: "ring", colour: "text-text-3", text: "text-text-2" },
  in_progress: { shape: "disc", colour: "text-accent", text: "text-text font-medium" },
  done: { shape: "check", colour: "text-ok", text: "text-text-2" },
  skipped: { shape: "dash", colour: "text-text-3", text: "text-text-3 line-through" },
};

/** How many steps of a plan need nothing more. */
export function closedSteps(plan: Plan): number {
  return plan.steps.filter(({ status }) => status === "done" || status === "skipped").length;
}

/** The steps of a plan with where each stands, by shape and in words. */
export function PlanList({ plan }: { plan: Plan }) {
  return (
    <ol data-testid="plan-list" className="flex flex-col gap-0.5">
      {plan.steps.map(({ text, status }, index) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is known by its place
          key={index}
          data-status={status}
          aria-current={status === "in_progress" ? "step" : undefined}
          className="flex gap-2"
        >
          <span className={classes("w-3.5 shrink-0 text-center", LOOKS[status].colour)}>
            <Glyph of={LOOKS[status].shape} />
          </span>
          <span className={classes("min-w-0 break-words", LOOKS[status].text)}>{text}</span>
          <span className="sr-only">{t(`plan.${status}`)}</span>
        </li>
      ))}
    </ol>
  );
}
