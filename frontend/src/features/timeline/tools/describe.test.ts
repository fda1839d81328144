import { expect, describe as group, test } from "vitest";
import type { ToolPart } from "@/api/types";
import { tool } from "@/testing/events";
import { readArguments } from "@/ui/call/arguments";
import { describe } from "./describe";

function line(change: Partial<ToolPart>): string {
  const { verb, target, hint } = describe(tool({ status: "ok", ...change }));
  return [verb, target, hint].filter(Boolean).join(" ");
}

group("describe", () => {
  test("says in one line what each tool did", () => {
    const diff = { path: "src/a.rs", added: 12, removed: 3, hunks: [], corrected: false };
    const cases: [Partial<ToolPart>, string][] = [
      [{ data: { exit_code: 1, cwd: "/workspace" } }, "$ make test exit 1"],
      [{ data: { exit_code: null, status: "running" } }, "$ make test in the background"],
      [
        { name: "edit_file", arguments: '{"file":"src/a.rs","edits":[]}', data: diff },
        "Edited src/a.rs +12 −3",
      ],
      [
        { name: "read_file", arguments: '{"file":"a"}', data: { files: [{ path: "a", lines: 9 }] } },
        "Read a 9 lines",
      ],
      [
        { name: "read_file", arguments: '{"file":["a","b","c"]}', data: { files: [] } },
        "Read a and 2 more 0 lines",
      ],
      [
        { name: "grep_search", arguments: '{"pattern":"fn main"}', data: { matches: 1 } },
        "Searched for fn main 1 match",
      ],
      [
        { name: "list_directory", arguments: "{}", data: { entries: [{}, {}], more: 3 } },
        "Listed the workspace 5 entries",
      ],
      [
        { name: "google_search", arguments: '{"query":"rust"}', data: { results: [{}, {}] } },
        "Searched the web for rust 2 results",
      ],
      [
        {
          name: "web_browser",
          arguments: '{"url":"https://a.test/"}',
          data: { type: "page", url: "https://a.test/", title: "The page", summary: "Version 7" },
        },
        "Looked at The page summarised",
      ],
      [
        {
          name: "web_browser",
          arguments: '{"url":"https://a.test/"}',
          data: { type: "redirect", from: "https://a.test/", to: "https://b.test/" },
        },
        "Looked at https://a.test/ leads elsewhere",
      ],
      [{ name: "mcp_thing", arguments: '{"path":"x"}' }, "Called mcp_thing"],
    ];
    for (const [change, expected] of cases) expect(line(change)).toBe(expected);
  });

  test("speaks in the present tense while the call goes on", () => {
    expect(line({ name: "edit_file", arguments: '{"file":"src/a', status: "proposed" })).toBe(
      "Editing src/a",
    );
    expect(line({ name: "read_file", arguments: '{"file":"a"}', status: "running" })).toBe("Reading a");
  });

  test("promises nothing of a call that failed", () => {
    const data = { matches: 4 };
    expect(line({ name: "grep_search", arguments: '{"pattern":"("}', status: "error", data })).toBe(
      "Searching for (",
    );
  });
});

group("readArguments", () => {
  test("reads as much of a streaming text as there is", () => {
    const whole = JSON.stringify({ command: 'echo "a\\n" é \u2028', cwd: "/x", n: 3 });
    for (let end = 0; end < whole.length; end += 1) {
      const { command = "" } = readArguments(whole.slice(0, end));
      expect('echo "a\\n" é \u2028'.startsWith(String(command))).toBe(true);
    }
    expect(readArguments(whole)).toEqual({ command: 'echo "a\\n" é \u2028', cwd: "/x", n: 3 });
  });

  test("takes nothing that is not an object", () => {
    for (const text of ["[1]", "null", "3", '"x"', "", "not json"]) expect(readArguments(text)).toEqual({});
  });
});
