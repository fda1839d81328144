import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { OutputExcerpt, ToolPart } from "@/api/types";
import { t } from "@/i18n";
import { formatBytes } from "@/i18n/units";
import { useConversationStore } from "@/stream/react";
import { runAction } from "@/ui/actions/registry";
import { AnsiText } from "@/ui/ansi/ansi-text";
import { Button } from "@/ui/button";
import { isRecord, text } from "@/ui/call/arguments";
import { exitCode } from "./describe";
import { FullOutput } from "./full-output";
import { StopCall } from "./stop-call";

const EMPTY: OutputExcerpt = { head: "", tail: "", omitted_bytes: 0 };

/** A command with its directory, output and exit code. */
export function ShellOutput({ tool, command }: { tool: ToolPart; command: string }) {
  const { id } = useConversationStore();
  const [full, setFull] = useState(false);
  const output = tool.output ?? EMPTY;
  const running = tool.status === "running";
  const cwd = isRecord(tool.data) ? text(tool.data, "cwd") || text(tool.data, "directory") : "";
  const code = exitCode(tool);
  return (
    <div className="overflow-hidden rounded-card border border-line bg-sunken">
      {command.includes("\n") && (
        <pre className="max-h-48 overflow-auto border-b border-line px-3 py-2 text-code whitespace-pre-wrap">
          {command}
        </pre>
      )}
      {full ? (
        <FullOutput conversationId={id} callId={tool.call_id} command={command} />
      ) : (
        <Excerpt output={output} live={running} command={command} />
      )}
      <div className="flex items-center gap-3 border-t border-line px-3 py-1 text-12 text-text-3">
        {code !== null && (
          <span data-testid="exit-code" className={code === 0 ? "text-ok" : "font-medium text-error"}>
            {t("tool.exit", { code })}
          </span>
        )}
        {cwd && <span className="truncate font-mono">{t("tool.cwd", { cwd })}</span>}
        <span className="ml-auto flex items-center gap-2">
          {output.omitted_bytes > 0 && !running && (
            <Button kind="quiet" onClick={() => setFull(!full)}>
              {t(full ? "tool.showLess" : "tool.showAll")}
            </Button>
          )}
          <Button kind="quiet" onClick={() => runAction("panel.terminal")}>
            {t("tool.openTerminal")}
          </Button>
          {running && <StopCall callId={tool.call_id} label={t("tool.stop")} kind="quiet" />}
        </span>
      </div>
    </div>
  );
}

interface ExcerptProps {
  output: OutputExcerpt;
  live: boolean;
  command: string;
}

/** Beginning and end of the output; keeps the end in sight while it grows and nobody scrolls. */
function Excerpt({ output, live, command }: ExcerptProps) {
  const box = useRef<HTMLElement>(null);
  const follow = useRef(live);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const onScroll = () => {
      follow.current = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => element.removeEventListener("scroll", onScroll);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the output has grown
  useLayoutEffect(() => {
    if (follow.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [output]);
  const empty = output.head.trim() === "" && output.tail === "";
  return (
    <section
      ref={box}
      aria-label={t("tool.outputLabel", { command })}
      data-testid="tool-output"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard too
      tabIndex={0}
      className="max-h-80 overflow-auto px-3 py-2 font-mono text-code break-words whitespace-pre-wrap"
    >
      {empty && <p className="text-text-3">{t(live ? "tool.waitingOutput" : "tool.noOutput")}</p>}
      {!empty && <AnsiText text={trimEnd(output.head, output.tail === "")} />}
      {output.omitted_bytes > 0 && (
        <p className="my-1 border-y border-dashed border-line py-0.5 text-center font-sans text-12 text-text-3">
          {t("tool.omitted", { size: formatBytes(output.omitted_bytes) })}
        </p>
      )}
      {output.tail !== "" && <AnsiText text={trimEnd(output.tail, true)} />}
    </section>
  );
}

/** Without the last line end, which would show as an empty line. */
function trimEnd(text: string, isEnd: boolean): string {
  return isEnd ? text.replace(/\r?\n$/, "") : text;
}
