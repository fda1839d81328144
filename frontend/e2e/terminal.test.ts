import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { picture } from "./browser";
import { begin, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page } from "./fixture";

const OFFSET_BYTES = 8;
/** What a loaded machine may need for anything. */
const PATIENCE = { timeout: 60_000 };

/** Opens the terminal of a new conversation. */
async function showTerminal(): Promise<void> {
  await page.goto(`${environment.url}/`);
  const id = await page.evaluate(async () => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch("/api/v1/conversations", { method: "POST", headers, body: "{}" });
    return ((await answer.json()) as { id: string }).id;
  });
  await page.goto(`${environment.url}/c/${id}?panel=terminal`);
}

/** Opens a shell and waits for its prompt. */
async function openShell(): Promise<void> {
  await page.getByTestId("shell-new").click();
  await shell("connected");
  await shows("$");
}

const shell = (state: string) => page.locator(`[data-testid=shell][data-state=${state}]`).waitFor(PATIENCE);

/** What the shell's screen shows, its lines joined where they are only too long for it. */
const screen = () => page.locator("[data-testid=shell-screen] .xterm-rows").innerText();

const shows = (text: string | RegExp) => expect.poll(screen, PATIENCE).toMatch(text);

/** Types a line into the shell. */
async function type(line: string): Promise<void> {
  await page.locator("[data-testid=shell-screen] textarea").focus();
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
}

test("a shell of one's own is opened, used, renamed, found in, left by keys and ended", async () => {
  await showTerminal();
  await page.getByTestId("no-shell").waitFor();
  await openShell();
  await type("echo sum:$((40+2))");
  await shows("sum:42");
  await picture(page, "shell");

  await page.keyboard.press("Control+Shift+F");
  const find = page.getByRole("textbox", { name: "Find in the terminal" });
  await find.fill("sum:42");
  await find.press("Enter");
  await find.fill("not there at all");
  await find.press("Enter");
  await page.getByText("Nothing found").waitFor();
  await find.press("Escape");

  await page.getByRole("button", { name: "More for this shell" }).click();
  await page.getByRole("menuitem", { name: "Rename…" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Server");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("tab", { name: "Server" }).waitFor();

  // Tab belongs to the shell, so there is another way out.
  await page.locator("[data-testid=shell-screen] textarea").focus();
  await page.keyboard.press("Control+Alt+Shift");
  const composer = page.getByTestId("composer").getByRole("textbox");
  await expect.poll(() => composer.evaluate((box) => box === document.activeElement)).toBe(true);
  await page.keyboard.press("Control+`");
  const input = page.locator("[data-testid=shell-screen] textarea");
  await expect.poll(() => input.evaluate((box) => box === document.activeElement)).toBe(true);

  await type("exit 3");
  await shell("ended");
  await expect.poll(() => page.getByTestId("shell-ended").innerText()).toContain("code 3");
  await page.getByTestId("shell-ended").getByRole("button", { name: "New shell" }).click();
  await shell("connected");
  await page.getByRole("button", { name: "Close Shell 2 with everything" }).click();
  await page.getByRole("tab", { name: "Shell 2" }).waitFor({ state: "detached" });
});

test("FE-66 a burst of 10 MB drops no byte, and the page goes on answering", async () => {
  const received: Buffer[] = [];
  let next: number | null = null;
  let gaps = 0;
  page.on("websocket", (socket) => {
    if (!socket.url().includes("/terminals/")) return;
    socket.on("framereceived", ({ payload }) => {
      if (typeof payload === "string") return;
      const offset = Number(payload.readBigUInt64BE(0));
      if (next !== null && offset !== next) gaps += 1;
      next = offset + payload.length - OFFSET_BYTES;
      received.push(payload.subarray(OFFSET_BYTES));
    });
  });
  await showTerminal();
  await openShell();
  await type("stty -echo -onlcr; head -c 7900000 /dev/urandom | base64 -w 76 > /tmp/burst; echo re''ady");
  await shows("ready");
  await type(
    "printf 'be''gin\\n'; cat /tmp/burst; printf '\\r\\nsu''m: %s\\n' $(md5sum < /tmp/burst | cut -d' ' -f1); rm /tmp/burst",
  );
  // While it comes.
  await page.getByRole("button", { name: "Find in the terminal" }).click();
  await page.getByRole("textbox", { name: "Find in the terminal" }).fill("typed meanwhile");
  await page.getByRole("textbox", { name: "Find in the terminal" }).press("Escape");
  await shows(/sum: [0-9a-f]{32}/);

  const all = Buffer.concat(received);
  const start = all.indexOf("begin\n") + "begin\n".length;
  const end = all.lastIndexOf("\r\nsum: ");
  const burst = all.subarray(start, end);
  expect(burst.length).toBeGreaterThan(10_000_000);
  await expect.poll(() => screen()).toContain(`sum: ${createHash("md5").update(burst).digest("hex")}`);
  expect(gaps).toBe(0);
});

test("FE-67 a wider panel makes the shell wider", async () => {
  await showTerminal();
  await openShell();
  const columns = async () => {
    await type("clear; echo size:$(stty size | cut -d' ' -f2):");
    await shows(/size:\d+:/);
    return Number(/size:(\d+):/.exec(await screen())?.[1]);
  };
  const before = await columns();
  const edge = page.getByRole("separator");
  await edge.focus();
  for (let times = 0; times < 5; times += 1) await page.keyboard.press("ArrowLeft");
  await expect.poll(columns, PATIENCE).toBeGreaterThan(before);
});

test("after a reload a shell shows what was before, and goes on", async () => {
  await showTerminal();
  await openShell();
  await type("kept=words; echo be''fore");
  await shows("before");
  await page.reload();
  await shell("connected");
  await shows("before");
  await type("clear; echo $kept-again");
  await shows("words-again");
});

test("what the agent left running is listed with its output, and can be killed", async () => {
  await begin(page, "Please leave something running.");
  await waitForRun(page, "done");
  await page.goto(`${page.url().split("?")[0]}?panel=terminal`);
  await page.getByRole("tab", { name: "Processes" }).click();
  const process = page.getByTestId("process");
  await process.and(page.locator("[data-status=running]")).waitFor();
  await expect.poll(() => process.innerText()).toContain("sleep 3000");
  await process.getByRole("button", { name: "Output" }).click();
  await page.getByTestId("process-log").getByText("begun").waitFor();
  await picture(page, "processes");
  await process.getByRole("button", { name: "Kill" }).click();
  await process.and(page.locator("[data-status=killed]")).waitFor(PATIENCE);
});
