import { expect, test } from "vitest";
import { joined } from "./process-log";

const part = (
  from: number,
  head: string,
  more: { omitted?: number; tail?: string; shared?: boolean } = {},
) => ({
  from,
  next: from + head.length,
  head,
  omitted: 0,
  tail: "",
  shared: false,
  ...more,
});

test("a log grows by its parts, and is told anew where offsets mean nothing", () => {
  const first = joined(null, part(0, "one\n"));
  const second = joined(first, part(4, "two\n"));
  expect(second).toEqual({ head: "one\ntwo\n", omitted: 0, tail: "", shared: false });
  expect(joined(second, part(0, "anew", { shared: true })).head).toBe("anew");
});

test("what is left out stays between the beginning and the newest", () => {
  const long = joined(null, part(0, "first", { omitted: 100, tail: "last" }));
  expect(joined(long, part(109, "more"))).toEqual({
    head: "first",
    omitted: 100,
    tail: "lastmore",
    shared: false,
  });
  const again = joined(long, part(109, "", { omitted: 50, tail: "newest" }));
  expect(again).toEqual({ head: "first", omitted: 154, tail: "newest", shared: false });
});
