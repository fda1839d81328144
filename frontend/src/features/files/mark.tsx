import type { ReactNode } from "react";
import type { FileChangeKind } from "@/api/types";
import { classes } from "@/ui/classes";
import { Glyph } from "@/ui/glyph";
import { tf } from "./words";

const LETTERS: Record<FileChangeKind, string> = { added: "A", modified: "M", deleted: "D", renamed: "R" };
const COLOURS: Record<FileChangeKind, string> = {
  added: "text-ok",
  modified: "text-waiting",
  deleted: "text-error",
  renamed: "text-accent",
};

/** How the agent has changed a file. */
export function FileMark({ kind }: { kind: FileChangeKind }) {
  return (
    <Mark words={tf(`mark.${kind}`)} className={classes("font-mono", COLOURS[kind])}>
      {LETTERS[kind]}
    </Mark>
  );
}

/** That the agent has changed files below a directory. */
export function DirectoryMark({ changes }: { changes: number }) {
  return (
    <Mark words={tf("mark.below", { n: changes })} className="text-text-3">
      <Glyph of="dot" />
    </Mark>
  );
}

interface MarkProps {
  words: string;
  className: string;
  children: ReactNode;
}

function Mark({ words, className, children }: MarkProps) {
  return (
    <span
      role="img"
      aria-label={words}
      title={words}
      data-testid="change-mark"
      className={classes("w-3 shrink-0 text-center text-11", className)}
    >
      {children}
    </span>
  );
}
