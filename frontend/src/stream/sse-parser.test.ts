import fc from "fast-check";
import { expect, test } from "vitest";
import { type SseFrame, SseParser } from "./sse-parser";

const encoder = new TextEncoder();

function parse(text: string, cuts: readonly number[] = []): SseFrame[] {
  const parser = new SseParser();
  const bytes = encoder.encode(text);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const frames: SseFrame[] = [];
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    frames.push(...parser.push(bytes.slice(start, end)));
    start = end;
  }
  return frames;
}

const STREAM = [
  'id: e-0\nevent: hello\ndata: {"stream":"s1"}\n\n',
  ': a comment\r\nid: e-1\r\nevent: part.delta\r\ndata: {"text":"日本 👩‍🚀 "}\r\n\r\n',
  "data: one\rdata: two\r\r",
  "event: nothing\n\n",
  "id: e-2\ndata:no space\n\ndata\n\n",
].join("");

const FRAMES: SseFrame[] = [
  { id: "e-0", event: "hello", data: '{"stream":"s1"}' },
  { id: "e-1", event: "part.delta", data: '{"text":"日本 👩‍🚀 "}' },
  { id: "e-1", event: "message", data: "one\ntwo" },
  { id: "e-2", event: "message", data: "no space" },
  { id: "e-2", event: "message", data: "" },
];

test("reads events with every kind of line end", () => {
  expect(parse(STREAM)).toEqual(FRAMES);
});

test("reads the same events wherever the bytes are split", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(10_000), { maxLength: 20 }), (cuts) => {
      expect(parse(STREAM, cuts)).toEqual(FRAMES);
    }),
  );
});

test("reads the same events byte by byte", () => {
  const every = Array.from(encoder.encode(STREAM), (_, index) => index);
  expect(parse(STREAM, every)).toEqual(FRAMES);
});

test("does not give out an event that has not ended", () => {
  expect(parse("data: half\n")).toEqual([]);
});
