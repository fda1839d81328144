import { expect, test } from "vitest";
import { chunk, closure, ofPage, sum, wholeBuild } from "./bundle";

/** What may be sent, in bytes as compressed by gzip (P-1). */
const FIRST_LOAD = 260_000;
const OTHER_ROUTE = 60_000;
const WHOLE = 3_000_000;

const shell = ofPage("index.html");
const chat = new Set([...shell, ...closure([chunk("conversation")])]);

test("the first load of a conversation stays within its budget", () => {
  const bytes = sum(chat);
  process.stdout.write(`P-1 first load of a conversation: ${bytes} bytes\n`);
  expect(bytes).toBeLessThanOrEqual(FIRST_LOAD);
});

test.each(["settings", "setup", "api-docs-screen", "files-pane", "changes-pane"])(
  "%s adds little to it",
  (name) => {
    const bytes = sum([...closure([chunk(name)])].filter((file) => !chat.has(file)));
    process.stdout.write(`P-1 ${name}: ${bytes} bytes more\n`);
    expect(bytes).toBeLessThanOrEqual(OTHER_ROUTE);
  },
);

test("the whole build stays small", () => {
  const bytes = wholeBuild();
  process.stdout.write(`P-1 whole build: ${bytes} bytes\n`);
  expect(bytes).toBeLessThanOrEqual(WHOLE);
});
