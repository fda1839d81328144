import { ExternalLink, Square } from "lucide-react";
import { useState } from "react";
import { API_BASE } from "@/api/client";
import { toProblem } from "@/api/problem";
import type { BackgroundProcess } from "@/api/types";
import { t } from "@/i18n";
import { tt } from "@/i18n/en-terminal";
import { formatDuration, formatTime } from "@/i18n/units";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { ProblemView } from "@/ui/problem-view";
import { ProcessLog } from "./process-log";
import { useKillProcess, useProcesses } from "./queries";

/** What the agent's commands left running, with their output, their ports and an end to them. */
export function ProcessesView({ conversation }: { conversation: string }) {
  const list = useProcesses(conversation);
  const [open, setOpen] = useState<string | null>(null);
  if (list.isPending) return <p className="p-6 text-center text-text-2">{t("app.loading")}</p>;
  if (list.isError && !list.data) {
    return (
      <div className="p-3">
        <ProblemView
          problem={toProblem(list.error)}
          actions={<Button onClick={() => void list.refetch()}>{t("action.retry")}</Button>}
        />
      </div>
    );
  }
  // The newest first: that is what one comes for.
  const processes = list.data.items.toReversed();
  return (
    <section
      aria-label={tt("processes")}
      data-testid="processes"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard too
      tabIndex={0}
      className="h-full overflow-y-auto p-3 focus-visible:-outline-offset-2"
    >
      <p className="pb-2 text-12 text-text-3">{tt(processes.length > 0 ? "processesHelp" : "noProcesses")}</p>
      <ul className="flex flex-col">
        {processes.map((process) => (
          <Process
            key={process.id}
            conversation={conversation}
            process={process}
            open={open === process.id}
            onToggle={() => setOpen(open === process.id ? null : process.id)}
          />
        ))}
      </ul>
    </section>
  );
}

interface ProcessProps {
  conversation: string;
  process: BackgroundProcess;
  open: boolean;
  onToggle: () => void;
}

function Process({ conversation, process, open, onToggle }: ProcessProps) {
  const kill = useKillProcess(conversation);
  const { id, command, pids, status, started_at, duration_ms, ports } = process;
  const running = status === "running";
  return (
    <li
      data-testid="process"
      data-status={status}
      className="flex flex-col gap-1.5 border-t border-line py-2"
    >
      <div className="flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1 truncate font-mono text-12" title={command}>
          {command}
        </p>
        {ports.map((port) => (
          <a
            key={port}
            href={`${API_BASE}/ports/${port}/preview`}
            target="_blank"
            rel="noopener noreferrer"
            aria-label={tt("port", { port: String(port) })}
            className="tap flex items-center gap-1 font-mono text-12 text-accent hover:underline"
          >
            :{port}
            <Icon of={ExternalLink} />
          </a>
        ))}
        <Button aria-expanded={open} onClick={onToggle}>
          {tt("log")}
        </Button>
        {running && (
          <Button
            kind="danger"
            icon={<Icon of={Square} />}
            disabled={kill.isPending}
            onClick={() => kill.mutate(id)}
          >
            {tt(kill.isPending ? "killing" : "kill")}
          </Button>
        )}
      </div>
      <p className="text-12 text-text-3">
        <span className={status === "exited" && process.exit_code ? "font-medium text-error" : "text-text-2"}>
          {standing(process)}
        </span>
        {` · ${id}`}
        {pids.length > 0 && ` · ${tt("pids", { n: pids.length, pids: pids.join(", ") })}`}
        {` · ${tt("since", { time: formatTime(started_at) })}`}
        {!running && ` · ${tt("lasted", { time: formatDuration(duration_ms) })}`}
      </p>
      {kill.isError && <ProblemView problem={toProblem(kill.error)} />}
      {open && <ProcessLog key={id} conversation={conversation} process={id} running={running} />}
    </li>
  );
}

function standing({ status, exit_code }: BackgroundProcess): string {
  if (status === "running") return tt("running");
  if (status === "killed") return tt("killed");
  return exit_code === undefined || exit_code === null ? tt("ended") : tt("exit", { code: exit_code });
}
