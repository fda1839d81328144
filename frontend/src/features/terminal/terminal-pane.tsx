import { Plus } from "lucide-react";
import { Suspense, useEffect, useState } from "react";
import { toProblem } from "@/api/problem";
import { t } from "@/i18n";
import { tt } from "@/i18n/en-terminal";
import { useConversationStore } from "@/stream/react";
import { runAction, useAction } from "@/ui/actions/registry";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Icon } from "@/ui/icon";
import { lazyPart } from "@/ui/lazy-part";
import { ProblemView } from "@/ui/problem-view";
import { useStored } from "@/ui/use-stored";
import { AgentShell } from "./agent-shell";
import { ProcessesView } from "./processes-view";
import { nameOf, useCloseShell, useOpenShell, useShells } from "./queries";

/** xterm is large and only wanted for one's own shells. */
const ShellView = lazyPart(() => import("./shell-view"));

const AGENT = "agent";
const PROCESSES = "processes";

/** The agent's shell to look at, one's own to use, and what goes on in the background. */
export default function TerminalPane() {
  const { id } = useConversationStore();
  const [stored, setActive] = useStored(`slipway.shell.${id}`);
  const list = useShells(id);
  const open = useOpenShell(id);
  const close = useCloseShell(id);
  const shells = list.data?.items ?? [];
  const shell = shells.find((one) => one.id === stored);
  /** The shell that was opened here last: it may be shown before the list tells of it. */
  const [fresh, setFresh] = useState<string | null>(null);
  // A shell that is not in the list any more says so itself, until it is closed.
  const known = list.isSuccess || stored === fresh;
  const gone = !shell && known && stored?.startsWith("term_") ? stored : null;
  const active = shell?.id ?? gone ?? (stored === PROCESSES ? PROCESSES : AGENT);
  const show = (opened: string) => {
    setFresh(opened);
    setActive(opened);
  };
  const start = () => open.mutate(undefined, { onSuccess: ({ id: opened }) => show(opened) });
  const end = (ended: string) => {
    setActive(AGENT);
    close.mutate(ended);
  };
  useAction("terminal.new", open.isPending ? null : start);
  useAction("terminal.focus", () => {
    const screen = document.querySelector<HTMLElement>("[data-testid=shell] textarea");
    if (document.activeElement === screen && screen) runAction("composer.focus");
    else if (screen) screen.focus();
    else if (shells.length > 0) setActive(shells.at(-1)?.id ?? AGENT);
    else start();
  });
  useEffect(() => {
    if (gone && gone !== fresh && !document.querySelector("[data-testid=shell]")) setActive(AGENT);
  });
  const problem = open.error ?? close.error;
  return (
    <section
      aria-label={t("panel.terminal")}
      data-testid="panel-terminal"
      className="flex h-full min-h-0 flex-col"
    >
      <div className="flex shrink-0 items-center border-b border-line">
        <div role="tablist" aria-label={tt("label")} className="flex min-w-0 flex-1 overflow-x-auto">
          <Tab name={AGENT} active={active} onSelect={setActive}>
            {tt("agent")}
          </Tab>
          {shells.map((one) => (
            <Tab key={one.id} name={one.id} active={active} onSelect={setActive}>
              {nameOf(one)}
            </Tab>
          ))}
          <Tab name={PROCESSES} active={active} onSelect={setActive}>
            {tt("processes")}
          </Tab>
        </div>
        <Button
          kind="quiet"
          icon={<Icon of={Plus} />}
          disabled={open.isPending}
          onClick={start}
          data-testid="shell-new"
          className="shrink-0"
        >
          {tt("open")}
        </Button>
      </div>
      {problem && (
        <div className="p-3">
          <ProblemView
            problem={toProblem(problem)}
            actions={
              <Button
                onClick={() => {
                  open.reset();
                  close.reset();
                }}
              >
                {t("action.close")}
              </Button>
            }
          />
        </div>
      )}
      {list.isError && (
        <div className="p-3">
          <p className="pb-2 font-medium">{tt("listFailed")}</p>
          <ProblemView
            problem={toProblem(list.error)}
            actions={<Button onClick={() => void list.refetch()}>{t("action.retry")}</Button>}
          />
        </div>
      )}
      <div
        role="tabpanel"
        id="terminal-tabpanel"
        aria-labelledby={`terminal-tab-${active}`}
        className="min-h-0 flex-1"
      >
        {active === AGENT && (
          <div className="flex h-full min-h-0 flex-col">
            <div className="min-h-0 flex-1">
              <AgentShell />
            </div>
            {list.isSuccess && shells.length === 0 && (
              <p
                data-testid="no-shell"
                className="shrink-0 border-t border-line px-3 py-2 text-12 text-text-3"
              >
                {open.isPending ? tt("opening") : `${tt("noShell")} ${tt("hint")}`}
              </p>
            )}
          </div>
        )}
        {active === PROCESSES && <ProcessesView conversation={id} />}
        {active !== AGENT && active !== PROCESSES && (
          <Suspense fallback={<p className="p-6 text-center text-text-2">{tt("connecting")}</p>}>
            <ShellView
              key={active}
              conversation={id}
              shell={active}
              name={shell ? nameOf(shell) : t("panel.terminal")}
              onNew={start}
              onClose={() => end(active)}
            />
          </Suspense>
        )}
      </div>
    </section>
  );
}

interface TabProps {
  name: string;
  active: string;
  onSelect: (name: string) => void;
  children: string;
}

function Tab({ name, active, onSelect, children }: TabProps) {
  const selected = name === active;
  return (
    <button
      type="button"
      role="tab"
      id={`terminal-tab-${name}`}
      aria-selected={selected}
      aria-controls="terminal-tabpanel"
      onClick={() => onSelect(name)}
      className={classes(
        "tap shrink-0 border-b-2 px-2.5 py-1.5 text-12 whitespace-nowrap hover:text-text",
        selected ? "border-accent text-text" : "border-transparent text-text-2",
      )}
    >
      {children}
    </button>
  );
}
