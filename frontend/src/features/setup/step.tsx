import { ChevronDown, ChevronRight } from "lucide-react";
import { type ReactNode, useId } from "react";
import { ts } from "@/i18n/en-setup";
import { Button } from "@/ui/button";
import { Glyph, type Shape } from "@/ui/glyph";
import { Icon } from "@/ui/icon";
import type { StepName, StepState } from "./steps";

const LOOKS: Record<StepState, { shape: Shape; colour: string }> = {
  done: { shape: "check", colour: "text-ok" },
  todo: { shape: "ring", colour: "text-text-3" },
  problem: { shape: "triangle", colour: "text-waiting" },
  skipped: { shape: "dash", colour: "text-text-3" },
  looking: { shape: "dots", colour: "text-text-3" },
};

interface StepProps {
  name: StepName;
  state: StepState;
  isCurrent: boolean;
  isOpen: boolean;
  onToggle: () => void;
  /** Where the step may be passed over. */
  onSkip?: () => void;
  /** How things stand; always shown. */
  summary?: ReactNode;
  /** What can be done; shown while the step is open. */
  children: ReactNode;
}

/** One step: its name, how far it is, and what can be done about it. */
export function Step({ name, state, isCurrent, isOpen, onToggle, onSkip, summary, children }: StepProps) {
  const id = useId();
  const { shape, colour } = LOOKS[state];
  return (
    <li
      data-testid="setup-step"
      data-step={name}
      data-state={state}
      aria-current={isCurrent ? "step" : undefined}
      className={`rounded-card border bg-surface ${isCurrent ? "border-line-strong" : "border-line"}`}
    >
      <h2 className="text-15 font-semibold">
        <button
          type="button"
          id={`setup-${name}`}
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          onClick={onToggle}
          className="flex min-h-11 w-full items-center gap-2 rounded-card px-3 text-left hover:bg-hover"
        >
          <Glyph of={shape} className={colour} />
          <span className="min-w-0 flex-1">{ts(`step.${name}`)}</span>
          <span className="text-12 font-normal text-text-3">{ts(`state.${state}`)}</span>
          <Icon of={isOpen ? ChevronDown : ChevronRight} className="shrink-0 text-text-3" />
        </button>
      </h2>
      {summary && <div className="flex flex-col gap-1.5 px-3 pb-3 pl-8 text-text-2">{summary}</div>}
      {isOpen && (
        <div id={id} className="flex flex-col gap-3 border-t border-line p-3">
          {children}
          {onSkip && state === "todo" && (
            <Button kind="quiet" className="self-end" onClick={onSkip}>
              {ts("skipStep")}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}
