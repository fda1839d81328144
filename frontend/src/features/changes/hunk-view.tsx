import { Undo2 } from "lucide-react";
import { useState } from "react";
import type { DiffLine, Hunk } from "@/api/types";
import { tc } from "@/i18n/en-changes";
import { Button } from "@/ui/button";
import { type Side as DiffSide, useDiffColours } from "@/ui/diff-colours";
import { LineText } from "@/ui/highlight/token-text";
import type { TokenLine } from "@/ui/highlight/tokens";
import { Icon } from "@/ui/icon";
import { type Numbered, numbered, type Pair, sideBySide } from "./hunk-lines";
import { withoutWhitespace } from "./whitespace";

/** Lines shown before the person asks for more. */
const FIRST_LINES = 300;

const ROW: Record<DiffLine["kind"], string> = {
  context: "text-text-2",
  added: "bg-add-bg text-add-text",
  removed: "bg-del-bg text-del-text",
};
const SIGN: Record<DiffLine["kind"], string> = { context: " ", added: "+", removed: "−" };

const SIDES: Record<DiffLine["kind"], DiffSide> = { context: "both", added: "after", removed: "before" };

/** A line with its colours, once they are known. */
interface Coloured extends Numbered {
  tokens: TokenLine | null;
}

interface HunkViewProps {
  /** The file's, which tells its language. */
  path: string;
  hunk: Hunk;
  split: boolean;
  /** Whether changes of nothing but white space are shown. */
  whitespace: boolean;
  /** Undoes it; absent when that is not possible. */
  onRevert?: () => void;
}

/** Lines that changed, with some around them. */
export function HunkView({ path, hunk, split, whitespace, onRevert }: HunkViewProps) {
  const [limit, setLimit] = useState(FIRST_LINES);
  const [start, count] =
    hunk.new_lines > 0 ? [hunk.new_start, hunk.new_lines] : [hunk.old_start, hunk.old_lines];
  const range = tc("hunk", { start, end: start + count - 1 });
  const colours = useDiffColours(
    path,
    hunk.lines.map(({ text, kind }) => ({ text, side: SIDES[kind] })),
  );
  const all = numbered(hunk).map((line, index): Coloured => ({ ...line, tokens: colours[index] ?? null }));
  const lines = whitespace ? all : withoutWhitespace(all);
  return (
    <div data-testid="hunk">
      <div className="flex items-center gap-2 bg-sunken px-2 text-12 text-text-3">
        <span className="mr-auto">{range}</span>
        {onRevert && (
          <Button
            kind="quiet"
            icon={<Icon of={Undo2} />}
            onClick={onRevert}
            aria-label={`${tc("hunk.revert")}: ${range}`}
          >
            {tc("hunk.revert")}
          </Button>
        )}
      </div>
      <section
        aria-label={range}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard too
        tabIndex={0}
        className="overflow-x-auto focus-visible:-outline-offset-2"
      >
        <table className="min-w-full border-collapse font-mono text-code">
          <tbody>
            {split
              ? sideBySide(lines)
                  .slice(0, limit)
                  .map((pair) => <SplitRow key={pair.key} pair={pair} />)
              : lines.slice(0, limit).map((line) => <UnifiedRow key={line.key} line={line} />)}
          </tbody>
        </table>
      </section>
      {lines.length > limit && (
        <Button kind="quiet" onClick={() => setLimit(Number.POSITIVE_INFINITY)}>
          {tc("moreLines")}
        </Button>
      )}
    </div>
  );
}

function UnifiedRow({ line }: { line: Coloured }) {
  return (
    <tr className={ROW[line.kind]} data-kind={line.kind}>
      <LineNumber value={line.old} />
      <LineNumber value={line.new} />
      <td className="w-4 px-1 text-center select-none">{SIGN[line.kind]}</td>
      <Text line={line} />
    </tr>
  );
}

function SplitRow({ pair }: { pair: Pair<Coloured> }) {
  return (
    <tr>
      <Side line={pair.left} value={pair.left?.old ?? null} />
      <Side line={pair.right} value={pair.right?.new ?? null} />
    </tr>
  );
}

function Side({ line, value }: { line: Coloured | null; value: number | null }) {
  if (!line) return <td colSpan={2} className="w-1/2 bg-sunken" />;
  return (
    <>
      <td className={`min-w-9 px-1.5 text-right text-text-3 select-none ${ROW[line.kind]}`}>{value}</td>
      <td
        data-kind={line.kind}
        className={`w-1/2 border-r border-line pr-2 whitespace-pre ${ROW[line.kind]}`}
      >
        <Words line={line} />
      </td>
    </>
  );
}

function Words({ line }: { line: Coloured }) {
  return line.tokens && line.text !== "" ? <LineText tokens={line.tokens} /> : line.text || " ";
}

function Text({ line }: { line: Coloured }) {
  return (
    <td className="w-full pr-4 whitespace-pre">
      <Words line={line} />
      {line.no_newline && <span className="pl-2 text-text-3 select-none">{tc("noNewline")}</span>}
    </td>
  );
}

function LineNumber({ value }: { value: number | null }) {
  return <td className="min-w-9 px-1.5 text-right text-text-3 select-none">{value}</td>;
}
