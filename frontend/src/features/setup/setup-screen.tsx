import { ArrowRight } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Problem } from "@/api/types";
import { ts } from "@/i18n/en-setup";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { ProblemView } from "@/ui/problem-view";
import { Step } from "./step";
import { currentOf, SKIPPABLE, STEPS, type StepName, type StepStates } from "./steps";

/** What a step shows: how things stand, and what can be done. */
export interface StepContent {
  summary?: ReactNode;
  body: ReactNode;
}

interface SetupScreenProps {
  states: StepStates;
  content: Record<StepName, StepContent>;
  busy: boolean;
  problem: Problem | null;
  onSkip: (name: StepName) => void;
  onLeave: () => void;
}

/** What a new instance stands on, who may use it, with which model, where, and what to try first. */
export function SetupScreen({ states, content, busy, problem, onSkip, onLeave }: SetupScreenProps) {
  const current = currentOf(states);
  const [isOpen, toggle] = useOpenSteps(states, current);
  useFocusOn(current);
  const hasModel = states.model === "done";
  return (
    <main data-testid="setup" className="h-dvh overflow-y-auto">
      <div className="mx-auto flex max-w-[680px] flex-col gap-6 px-4 py-10 sm:py-16">
        <header className="flex flex-col gap-1">
          <img src="/icon.svg" alt="" width={28} height={28} className="mb-2" />
          <h1 className="text-22 font-semibold">{ts("title")}</h1>
          <p className="text-14 text-text-2">{ts("intro")}</p>
        </header>
        <ol aria-label={ts("steps")} className="flex flex-col gap-2">
          {STEPS.map((name) => (
            <Step
              key={name}
              name={name}
              state={states[name]}
              isCurrent={name === current}
              isOpen={isOpen(name)}
              onToggle={() => toggle(name)}
              onSkip={SKIPPABLE.includes(name) ? () => onSkip(name) : undefined}
              summary={content[name].summary}
            >
              {content[name].body}
            </Step>
          ))}
        </ol>
        {problem && <ProblemView problem={problem} />}
        <div className="flex justify-end">
          <Button kind={hasModel ? "primary" : "quiet"} disabled={busy} onClick={onLeave}>
            {ts(hasModel ? "start" : "leave")}
            <Icon of={ArrowRight} />
          </Button>
        </div>
      </div>
    </main>
  );
}

/** Open are the step to go on with, trouble, and the last one; what has been opened is closed by the person only. */
function useOpenSteps(
  states: StepStates,
  current: StepName | null,
): [(name: StepName) => boolean, (name: StepName) => void] {
  const [seen, setSeen] = useState<readonly StepName[]>(["task"]);
  const [toggled, setToggled] = useState<Partial<Record<StepName, boolean>>>({});
  const due = STEPS.filter(
    (name) => (name === current || states[name] === "problem") && !seen.includes(name),
  );
  if (due.length > 0) setSeen([...seen, ...due]);
  const isOpen = (name: StepName) => toggled[name] ?? seen.includes(name);
  return [isOpen, (name) => setToggled({ ...toggled, [name]: !isOpen(name) })];
}

/** When a step is over and what had the focus is gone with it, the next one gets it. */
function useFocusOn(current: StepName | null): void {
  const before = useRef(current);
  useEffect(() => {
    const moved = before.current !== null && current !== null && before.current !== current;
    before.current = current ?? before.current;
    if (moved && document.activeElement === document.body) {
      document.getElementById(`setup-${current}`)?.focus();
    }
  }, [current]);
}
