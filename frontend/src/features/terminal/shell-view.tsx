import { AArrowDown, AArrowUp, Copy, Eraser, MoreHorizontal, Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { t } from "@/i18n";
import { tt } from "@/i18n/en-terminal";
import { formatBytes } from "@/i18n/units";
import { copyText } from "@/platform/clipboard";
import { runAction } from "@/ui/actions/registry";
import { Button, IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { Menu, MenuItem } from "@/ui/menu";
import { ProblemView } from "@/ui/problem-view";
import { showToast } from "@/ui/toast";
import { useStored } from "@/ui/use-stored";
import { FindBar } from "./find-bar";
import { useShellsChanged } from "./queries";
import { RenameShell } from "./rename-shell";
import { ShellScreen } from "./screen";
import type { ShellState } from "./shell-stream";

const SIZES = { usual: 13, smallest: 9, largest: 24 };

interface ShellViewProps {
  conversation: string;
  shell: string;
  name: string;
  onNew: () => void;
  onClose: () => void;
}

/** One's own shell on a screen, with what can be done with it. */
export default function ShellView({ conversation, shell, name, onNew, onClose }: ShellViewProps) {
  const target = useRef<HTMLDivElement>(null);
  const screen = useRef<ShellScreen | null>(null);
  const [state, setState] = useState<ShellState>({ kind: "connecting" });
  const [lost, setLost] = useState(0);
  const [finding, setFinding] = useState(false);
  const [renaming, setRenaming] = useState(false);
  const [storedSize, storeSize] = useStored("slipway.terminalFont");
  const [reads, setReads] = useStored("slipway.terminalReader");
  const size = Math.min(SIZES.largest, Math.max(SIZES.smallest, Number(storedSize) || SIZES.usual));
  const first = useRef({ size, reads: reads === "on" });
  const changed = useRef(useShellsChanged(conversation));

  useEffect(() => {
    if (!target.current) return;
    const current = new ShellScreen({
      conversation,
      shell,
      target: target.current,
      fontSize: first.current.size,
      screenReader: first.current.reads,
      onState: (next) => {
        setState(next);
        if (next.kind === "ended") changed.current();
      },
      onShell: () => {},
      onLost: setLost,
      onLeave: () => runAction("composer.focus"),
      onFind: () => setFinding(true),
      onCopy: copy,
    });
    screen.current = current;
    current.focus();
    return () => current.close();
  }, [conversation, shell]);
  useEffect(() => screen.current?.setFontSize(size), [size]);
  useEffect(() => screen.current?.setScreenReader(reads === "on"), [reads]);

  const stopFinding = () => {
    setFinding(false);
    screen.current?.focus();
  };
  return (
    <section
      aria-label={name}
      data-testid="shell"
      data-state={state.kind}
      className="flex h-full min-h-0 flex-col bg-sunken"
    >
      <div className="flex shrink-0 items-center gap-0.5 border-b border-line bg-surface px-2 py-0.5">
        <span role="status" className="min-w-0 flex-1 truncate text-12 text-text-3">
          {state.kind === "connected" ? tt("leave") : spoken(state)}
        </span>
        <IconButton label={tt("find")} aria-pressed={finding} onClick={() => setFinding(!finding)}>
          <Icon of={Search} />
        </IconButton>
        <IconButton label={tt("copy")} onClick={() => copy(screen.current?.text() ?? "")}>
          <Icon of={Copy} />
        </IconButton>
        <IconButton label={tt("clear")} onClick={() => screen.current?.clear()}>
          <Icon of={Eraser} />
        </IconButton>
        <IconButton
          label={tt("smaller")}
          disabled={size <= SIZES.smallest}
          onClick={() => storeSize(String(size - 1))}
        >
          <Icon of={AArrowDown} />
        </IconButton>
        <IconButton
          label={tt("larger")}
          disabled={size >= SIZES.largest}
          onClick={() => storeSize(String(size + 1))}
        >
          <Icon of={AArrowUp} />
        </IconButton>
        <Menu
          align="end"
          trigger={
            <IconButton label={tt("more")}>
              <Icon of={MoreHorizontal} />
            </IconButton>
          }
        >
          <MenuItem onSelect={() => setRenaming(true)}>{tt("rename")}</MenuItem>
          <MenuItem
            checked={reads === "on"}
            note={tt("screenReaderHelp")}
            onSelect={() => setReads(reads === "on" ? null : "on")}
          >
            {tt("screenReader")}
          </MenuItem>
        </Menu>
        <IconButton label={tt("close", { name })} onClick={onClose}>
          <Icon of={X} />
        </IconButton>
      </div>
      {finding && (
        <FindBar
          onFind={(text, backwards) => screen.current?.find(text, backwards) ?? false}
          onClose={stopFinding}
        />
      )}
      {lost > 0 && (
        <p role="status" className="shrink-0 bg-surface px-3 py-1 text-12 text-text-2">
          {tt("lost", { bytes: formatBytes(lost) })}
        </p>
      )}
      <div
        ref={target}
        role="application"
        aria-label={tt("screen", { name })}
        data-testid="shell-screen"
        className="min-h-0 flex-1 overflow-hidden pt-1 pl-2"
      />
      <Standing state={state} onRetry={() => screen.current?.retry()} onNew={onNew} onClose={onClose} />
      {renaming && (
        <RenameShell
          conversation={conversation}
          shell={shell}
          name={name}
          onClose={() => setRenaming(false)}
        />
      )}
    </section>
  );
}

/** What there is to do when the shell is not simply there. */
function Standing({
  state,
  onRetry,
  onNew,
  onClose,
}: {
  state: ShellState;
  onRetry: () => void;
  onNew: () => void;
  onClose: () => void;
}) {
  if (state.kind === "failed") {
    return (
      <div className="shrink-0 border-t border-line bg-surface p-3">
        <p className="pb-2 font-medium">{tt("failed")}</p>
        <ProblemView
          problem={state.problem}
          actions={<Button onClick={onRetry}>{t("action.retry")}</Button>}
        />
      </div>
    );
  }
  if (state.kind !== "ended") return null;
  return (
    <div
      data-testid="shell-ended"
      className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-surface px-3 py-2"
    >
      <p className="min-w-0 flex-1 text-text-2">{spoken(state)}</p>
      <Button onClick={onClose}>{t("action.close")}</Button>
      <Button kind="primary" onClick={onNew}>
        {tt("open")}
      </Button>
    </div>
  );
}

function spoken(state: ShellState): string {
  switch (state.kind) {
    case "ended":
      if (state.how === "closed") return tt("closed");
      if (state.how !== "exited") return tt(state.how);
      return state.exitCode === null ? tt("exitedSomehow") : tt("exited", { code: state.exitCode });
    case "failed":
      return tt("failed");
    default:
      return tt(state.kind);
  }
}

function copy(text: string): void {
  void copyText(text).then((done) =>
    showToast(done ? { level: "info", text: tt("copied") } : { level: "warning", text: tt("notCopied") }),
  );
}
