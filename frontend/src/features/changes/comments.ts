import { useState } from "react";
import { tc } from "@/i18n/en-changes";
import { readStored, writeStored } from "@/platform/storage";
import type { Numbered } from "./hunk-lines";

/** A line of a comparison. */
export interface Spot {
  path: string;
  side: "before" | "after";
  /** Its number on that side. */
  number: number;
  text: string;
}

/** What the person has to say of a line. */
export interface Comment {
  spot: Spot;
  text: string;
}

/** Names a spot: a line has one comment. */
export const keyOfSpot = ({ path, side, number }: Spot): string => `${path}\0${side}\0${number}`;

/** Where a line is; one that stays is named by its number now. */
export function spotOf(path: string, line: Numbered): Spot {
  const side = line.new === null ? "before" : "after";
  return { path, side, number: line.new ?? line.old ?? 0, text: line.text };
}

/** Characters of a line that a message repeats. */
const QUOTED = 300;

/** Comments as one message: for each the path, the line's number and its text, and what was said. */
export function inOneMessage(comments: readonly Comment[]): string {
  const said = comments.map(({ spot, text }, index) => {
    const { path, side, number } = spot;
    const where = tc(`comment.where.${side}`, { path, line: number });
    const quote = fenced(spot.text.slice(0, QUOTED));
    return `${index + 1}. ${where}\n\n${indented(quote)}\n\n${indented(text.trim())}`;
  });
  return [tc("comment.intro", { n: comments.length }), ...said].join("\n\n");
}

function fenced(text: string): string {
  const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${fence}\n${text}\n${fence}`;
}

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, "   ");

/** The comments of a conversation that are not sent yet; kept over reloads. */
export function useComments(id: string) {
  const key = `slipway.comments.${id}`;
  const [state, setState] = useState(() => ({ key, all: readComments(key) }));
  // Another conversation has its own.
  const current = state.key === key ? state : { key, all: readComments(key) };
  if (current !== state) setState(current);
  const change = (all: ReadonlyMap<string, Comment>) => {
    const said = [...all.values()].filter(({ text }) => text.trim() !== "");
    writeStored(key, said.length > 0 ? JSON.stringify(said) : null);
    setState({ key, all });
  };
  return {
    /** By the spots' keys; those without a word are being begun. */
    all: current.all,
    /** What there is to send, by file and line. */
    said: [...current.all.values()].filter(({ text }) => text.trim() !== "").sort(inOrder),
    write: (spot: Spot, text: string) => change(new Map(current.all).set(keyOfSpot(spot), { spot, text })),
    remove: (spot: Spot) => {
      const next = new Map(current.all);
      next.delete(keyOfSpot(spot));
      change(next);
    },
    clear: () => change(new Map()),
  };
}

function inOrder(a: Comment, b: Comment): number {
  return a.spot.path < b.spot.path ? -1 : a.spot.path > b.spot.path ? 1 : a.spot.number - b.spot.number;
}

function readComments(key: string): ReadonlyMap<string, Comment> {
  try {
    const stored: unknown = JSON.parse(readStored(key) ?? "[]");
    const comments = Array.isArray(stored) ? stored.filter(isComment) : [];
    return new Map(comments.map((comment) => [keyOfSpot(comment.spot), comment]));
  } catch {
    return new Map();
  }
}

function isComment(value: unknown): value is Comment {
  const { spot, text } = (value ?? {}) as Partial<Comment>;
  return (
    typeof text === "string" &&
    typeof spot?.path === "string" &&
    typeof spot.number === "number" &&
    typeof spot.text === "string" &&
    (spot.side === "before" || spot.side === "after")
  );
}
