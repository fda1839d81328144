import { MessageSquarePlus } from "lucide-react";
import type { DiffLine } from "@/api/types";
import { tc } from "@/i18n/en-changes";
import { LineText } from "@/ui/highlight/token-text";
import type { TokenLine } from "@/ui/highlight/tokens";
import { Icon } from "@/ui/icon";
import type { Placed } from "./hunk-chunks";
import type { Pair } from "./hunk-lines";

const ROW: Record<DiffLine["kind"], string> = {
  context: "text-text-2",
  added: "bg-add-bg text-add-text",
  removed: "bg-del-bg text-del-text",
};
const SIGN: Record<DiffLine["kind"], string> = { context: " ", added: "+", removed: "−" };

/** The colours of a line; null while they are not known. */
export type ColoursOf = (line: Placed) => TokenLine | null;

interface LineRowProps<What> {
  what: What;
  coloursOf: ColoursOf;
  /** Begins a comment on a line; absent where that is not possible. */
  onComment?: (line: Placed) => void;
}

/** A line with its numbers before and after. */
export function UnifiedRow({ what: line, coloursOf, onComment }: LineRowProps<Placed>) {
  return (
    <div
      data-kind={line.kind}
      className={`group grid grid-cols-[2.75rem_2.75rem_1.25rem_minmax(0,1fr)] font-mono text-code ${ROW[line.kind]}`}
    >
      <LineNumber value={line.old} line={line} onComment={line.new === null ? onComment : undefined} />
      <LineNumber value={line.new} line={line} onComment={line.new === null ? undefined : onComment} />
      <span className="text-center select-none">{SIGN[line.kind]}</span>
      <Words line={line} coloursOf={coloursOf} />
    </div>
  );
}

/** What was there beside what is there now. */
export function SplitRow({ what: pair, coloursOf, onComment }: LineRowProps<Pair<Placed>>) {
  return (
    <div className="group grid grid-cols-2 font-mono text-code">
      <Side
        line={pair.left}
        value={pair.left?.old ?? null}
        coloursOf={coloursOf}
        onComment={pair.left?.new === null ? onComment : undefined}
      />
      <Side line={pair.right} value={pair.right?.new ?? null} coloursOf={coloursOf} onComment={onComment} />
    </div>
  );
}

interface SideProps {
  line: Placed | null;
  value: number | null;
  coloursOf: ColoursOf;
  onComment?: (line: Placed) => void;
}

function Side({ line, value, coloursOf, onComment }: SideProps) {
  if (!line) return <div className="border-r border-line bg-sunken" />;
  return (
    <div
      data-kind={line.kind}
      className={`grid grid-cols-[2.75rem_minmax(0,1fr)] border-r border-line ${ROW[line.kind]}`}
    >
      <LineNumber value={value} line={line} onComment={onComment} />
      <Words line={line} coloursOf={coloursOf} />
    </div>
  );
}

function Words({ line, coloursOf }: { line: Placed; coloursOf: ColoursOf }) {
  const tokens = line.text === "" ? null : coloursOf(line);
  return (
    <span className="pr-2 break-words whitespace-pre-wrap [overflow-wrap:anywhere]">
      {tokens ? <LineText tokens={tokens} /> : line.text || " "}
      {line.no_newline && <span className="pl-2 text-text-3 select-none">{tc("noNewline")}</span>}
    </span>
  );
}

interface LineNumberProps {
  value: number | null;
  line: Placed;
  onComment?: (line: Placed) => void;
}

/** A line's number; where the line can be commented on, it is the button for that. */
function LineNumber({ value, line, onComment }: LineNumberProps) {
  if (value === null || !onComment) {
    return <span className="px-1.5 text-right text-text-3 select-none">{value}</span>;
  }
  return (
    <button
      type="button"
      data-stop
      // The arrow keys come here, from the head of the change; Tab goes on to what is behind the lines.
      tabIndex={-1}
      aria-label={tc("comment.add", { line: value })}
      title={tc("comment.add", { line: value })}
      onClick={() => onComment(line)}
      className="relative flex items-start justify-end px-1.5 text-text-3 select-none hover:text-text"
    >
      {value}
      <span className="absolute top-0 left-0 hidden h-[19px] items-center text-accent group-hover:flex group-focus-within:flex">
        <Icon of={MessageSquarePlus} />
      </span>
    </button>
  );
}
