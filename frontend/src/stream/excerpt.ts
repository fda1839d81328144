import type { OutputExcerpt } from "@/api/types";

/** Bytes of the beginning, and of the end, that an excerpt keeps. */
export const EXCERPT_BYTES = 8 * 1024;

const encoder = new TextEncoder();

/** No output. */
export const EMPTY_EXCERPT: OutputExcerpt = { head: "", tail: "", omitted_bytes: 0 };

/**
 * Appends to an excerpt, after `skipped` bytes that are not known: the head fills up first, then only the
 * newest of the rest is kept. The gateway does exactly the same.
 */
export function appendOutput(excerpt: OutputExcerpt, text: string, skipped = 0): OutputExcerpt {
  let { head, tail, omitted_bytes } = excerpt;
  let rest = text;
  if (skipped > 0) {
    omitted_bytes += skipped + byteLength(tail);
    tail = "";
  }
  if (tail === "" && omitted_bytes === 0) {
    const fits = charsWithin(rest, EXCERPT_BYTES - byteLength(head));
    head += rest.slice(0, fits);
    rest = rest.slice(fits);
  }
  if (rest === "") return { head, tail, omitted_bytes };
  tail += rest;
  const surplus = byteLength(tail) - EXCERPT_BYTES;
  if (surplus > 0) {
    const cut = charsCovering(tail, surplus);
    omitted_bytes += byteLength(tail.slice(0, cut));
    tail = tail.slice(cut);
  }
  return { head, tail, omitted_bytes };
}

/** Length in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** How many UTF-16 units of `text`, cut between characters, fit into `bytes`. */
function charsWithin(text: string, bytes: number): number {
  return bytes <= 0 ? 0 : encoder.encodeInto(text, new Uint8Array(bytes)).read;
}

/** How many UTF-16 units of `text`, cut between characters, make up at least `bytes`. */
function charsCovering(text: string, bytes: number): number {
  const read = charsWithin(text, bytes);
  if (byteLength(text.slice(0, read)) >= bytes) return read;
  const code = text.codePointAt(read) ?? 0;
  return read + (code > 0xffff ? 2 : 1);
}
