import { useState } from "react";
import { t } from "@/i18n";
import { type Side, useDiffColours } from "@/ui/diff-colours";
import { LineText } from "@/ui/highlight/token-text";
import type { TokenLine } from "@/ui/highlight/tokens";
import type { Diff, DiffHunk, DiffKind, DiffLine } from "./diff-data";

/** Lines shown before the person asks for more. */
const FIRST_LINES = 120;

const SIDES: Record<DiffKind, Side> = { context: "both", add: "after", del: "before" };

const LOOK: Record<DiffKind, { row: string; sign: string }> = {
  context: { row: "text-text-2", sign: " " },
  add: { row: "bg-add-bg text-add-text", sign: "+" },
  del: { row: "bg-del-bg text-del-text", sign: "−" },
};

interface DiffViewProps {
  diff: Diff;
  /** Whether it is scrolled inside, where there is little room. */
  bounded?: boolean;
}

/** What a call changes in a file. */
export function DiffView({ diff, bounded = false }: DiffViewProps) {
  const [limit, setLimit] = useState(FIRST_LINES);
  const total = diff.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  const shown = firstLines(diff.hunks, limit);
  return (
    <div data-testid="diff" className="overflow-hidden rounded-card border border-line bg-surface">
      <section
        aria-label={t("tool.diffLabel", { path: diff.path })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard too
        tabIndex={0}
        className={`overflow-x-auto focus-visible:-outline-offset-2 ${bounded ? "max-h-56 overflow-y-auto" : ""}`}
      >
        <table className="min-w-full border-collapse font-mono text-code">
          <tbody>
            {shown.flatMap((hunk, index) => [
              ...(index > 0 ? [<Gap key={`gap:${hunk.key}`} />] : []),
              <Hunk key={hunk.key} path={diff.path} hunk={hunk} />,
            ])}
          </tbody>
        </table>
      </section>
      {total > limit && (
        <button
          type="button"
          className="tap w-full border-t border-line bg-sunken text-12 text-text-2 hover:text-text"
          onClick={() => setLimit(Number.POSITIVE_INFINITY)}
        >
          {t("tool.moreLines", { n: total - limit })}
        </button>
      )}
    </div>
  );
}

function firstLines(hunks: readonly DiffHunk[], limit: number): DiffHunk[] {
  const shown: DiffHunk[] = [];
  let left = limit;
  for (const hunk of hunks) {
    if (left <= 0) break;
    shown.push({ ...hunk, lines: hunk.lines.slice(0, left) });
    left -= hunk.lines.length;
  }
  return shown;
}

function Hunk({ path, hunk }: { path: string; hunk: DiffHunk }) {
  const colours = useDiffColours(
    path,
    hunk.lines.map(({ text, kind }) => ({ text, side: SIDES[kind] })),
  );
  return hunk.lines.map((line, index) => (
    // Lines of a hunk never move, and those whose place is not known have no numbers.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <Line key={index} line={line} tokens={colours[index] ?? null} />
  ));
}

function Line({ line, tokens }: { line: DiffLine; tokens: TokenLine | null }) {
  const { row, sign } = LOOK[line.kind];
  return (
    <tr className={row} data-kind={line.kind}>
      <LineNumber value={line.oldNumber} />
      <LineNumber value={line.newNumber} />
      <td className="w-4 px-1 text-center select-none">{sign}</td>
      <td className="w-full pr-4 whitespace-pre">
        {tokens && line.text !== "" ? <LineText tokens={tokens} /> : line.text || " "}
      </td>
    </tr>
  );
}

function LineNumber({ value }: { value: number | null }) {
  return <td className="min-w-9 px-1.5 text-right text-text-3 select-none">{value}</td>;
}

function Gap() {
  return (
    <tr className="bg-sunken text-text-3">
      <td colSpan={3} className="text-center select-none">
        …
      </td>
      <td className="w-full text-12">{t("tool.hunkGap")}</td>
    </tr>
  );
}
