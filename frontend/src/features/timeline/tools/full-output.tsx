import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef, useState } from "react";
import { getOutput } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { Problem } from "@/api/types";
import { t } from "@/i18n";
import { formatBytes } from "@/i18n/units";
import { AnsiLine } from "@/ui/ansi/ansi-text";
import { parseAnsi } from "@/ui/ansi/screen";
import { Button } from "@/ui/button";
import { ProblemView } from "@/ui/problem-view";

/** Bytes fetched at a time. */
const PAGE_BYTES = 256 * 1024;
const LINE_HEIGHT = 19;
/** Lines before the loaded end at which the next page is fetched. */
const AHEAD_LINES = 200;

interface FullOutputProps {
  conversationId: string;
  callId: string;
  command: string;
}

/** The whole output of a command, however long: fetched in pages, and only visible lines in the page. */
export function FullOutput({ conversationId, callId, command }: FullOutputProps) {
  const box = useRef<HTMLElement>(null);
  const { lines, loaded, complete, problem, more } = useOutput(conversationId, callId);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 20,
  });
  const last = virtual.range?.endIndex ?? 0;
  useEffect(() => {
    if (!complete && !problem && last > lines.length - AHEAD_LINES) more();
  }, [complete, problem, last, lines.length, more]);
  return (
    <>
      <section
        ref={box}
        aria-label={t("tool.outputLabel", { command })}
        data-testid="tool-output"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard too
        tabIndex={0}
        className="h-96 overflow-auto font-mono text-code whitespace-pre"
      >
        <div className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <div
              key={item.key}
              className="absolute inset-x-0 px-3"
              style={{ top: item.start, height: LINE_HEIGHT }}
            >
              <AnsiLine spans={parseAnsi(lines[item.index] ?? "")[0] ?? []} />
            </div>
          ))}
        </div>
      </section>
      {problem && (
        <ProblemView problem={problem} actions={<Button onClick={more}>{t("action.retry")}</Button>} />
      )}
      {!complete && !problem && (
        <p className="px-3 py-1 text-12 text-text-3">
          {loaded ? t("tool.loadedOutput", loaded) : t("tool.loadingOutput")}
        </p>
      )}
    </>
  );
}

function useOutput(conversationId: string, callId: string) {
  const [lines, setLines] = useState<readonly string[]>([]);
  const [loaded, setLoaded] = useState<{ loaded: string; total: string } | null>(null);
  const [complete, setComplete] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const position = useRef(0);
  const busy = useRef(false);
  const more = useCallback(() => {
    if (busy.current) return;
    busy.current = true;
    setProblem(null);
    const from = position.current;
    getOutput(conversationId, callId, from, from + PAGE_BYTES)
      .then((page) => {
        position.current = page.to;
        setLoaded({ loaded: formatBytes(page.to), total: formatBytes(page.total) });
        setLines((known) => append(known, page.text));
        setComplete(page.to >= page.total || page.to === page.from);
      })
      .catch((error: unknown) => setProblem(toProblem(error)))
      .finally(() => {
        busy.current = false;
      });
  }, [conversationId, callId]);
  return { lines, loaded, complete, problem, more };
}

/** Adds a page; its first line goes on where the last one ended. */
function append(lines: readonly string[], text: string): readonly string[] {
  const [first = "", ...rest] = text.split("\n");
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ""}${first}`, ...rest];
}
