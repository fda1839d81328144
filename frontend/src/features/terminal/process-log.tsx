import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { toProblem } from "@/api/problem";
import { getProcessOutput } from "@/api/terminals";
import type { Problem, ProcessOutput } from "@/api/types";
import { t } from "@/i18n";
import { tt } from "@/i18n/en-terminal";
import { formatBytes } from "@/i18n/units";
import { AnsiText } from "@/ui/ansi/ansi-text";
import { Button } from "@/ui/button";
import { ProblemView } from "@/ui/problem-view";

/** How often new output is asked for. */
const LOOK_MS = 1_000;
/** Most characters that are shown of the newest output. */
const SHOWN = 256 * 1024;

interface ProcessLogProps {
  conversation: string;
  process: string;
  running: boolean;
}

interface Log {
  head: string;
  omitted: number;
  tail: string;
  shared: boolean;
}

/** What a background process has printed; goes on as long as it runs. */
export function ProcessLog({ conversation, process, running }: ProcessLogProps) {
  const [log, setLog] = useState<Log | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  const next = useRef(0);
  const box = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt begins anew
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const look = async () => {
      try {
        const output = await getProcessOutput(conversation, process, next.current);
        if (over) return;
        next.current = output.shared ? 0 : output.next;
        setLog((log) => joined(log, output));
        if (running) timer = setTimeout(look, LOOK_MS);
      } catch (error) {
        if (!over) setProblem(toProblem(error));
      }
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [conversation, process, running, attempt]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when something has been printed
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [log]);
  const retry = () => {
    setProblem(null);
    setAttempt(attempt + 1);
  };
  if (problem && !log) {
    return <ProblemView problem={problem} actions={<Button onClick={retry}>{t("action.retry")}</Button>} />;
  }
  if (!log) return <p className="text-12 text-text-3">{t("app.loading")}</p>;
  return (
    <>
      {log.shared && <p className="text-12 text-text-3">{tt("logShared")}</p>}
      <section
        ref={box}
        aria-label={tt("log")}
        data-testid="process-log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard too
        tabIndex={0}
        className="max-h-80 overflow-y-auto rounded-control bg-sunken p-2 font-mono text-code break-words whitespace-pre-wrap"
      >
        {log.head === "" && log.tail === "" && (
          <p className="font-sans text-12 text-text-3">{tt("logEmpty")}</p>
        )}
        {log.head !== "" && <AnsiText text={log.head} />}
        {log.omitted > 0 && (
          <p className="font-sans text-12 text-text-3">
            {tt("logOmitted", { bytes: formatBytes(log.omitted) })}
          </p>
        )}
        {log.tail !== "" && <AnsiText text={log.tail} />}
      </section>
    </>
  );
}

/** The log with its next part. */
export function joined(log: Log | null, { from, head, omitted, tail, shared }: ProcessOutput): Log {
  if (!log || from === 0 || shared) return { head, omitted, tail, shared };
  if (log.omitted === 0 && omitted === 0) {
    const whole = log.head + head + tail;
    const cut = Math.max(0, whole.length - SHOWN);
    if (cut === 0) return { ...log, head: whole };
    return { ...log, head: "", omitted: cut, tail: whole.slice(cut) };
  }
  if (omitted > 0) return { ...log, omitted: log.omitted + log.tail.length + head.length + omitted, tail };
  return { ...log, tail: (log.tail + head + tail).slice(-SHOWN) };
}
