import { expect, test } from "vitest";
import { picture } from "./browser";
import { begin, card, unfold, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page } from "./fixture";
import { type Call, imported } from "./imported";
import { inSandbox } from "./sandbox";

test("FE-30 twelve files that were read are one row, and a failed read stands on its own", async () => {
  const reads = Array.from({ length: 12 }, (_, n): Call => {
    const path = `src/file${n}.rs`;
    return { tool: "read_file", given: { file: path }, data: { files: [{ path, lines: 10, bytes: 90 }] } };
  });
  const failed: Call = { tool: "read_file", given: { file: "gone.rs" }, told: "No such file.", failed: true };
  const id = await imported(page, "Reads", [
    { user: "Read them." },
    { calls: reads },
    { calls: [failed] },
    { text: "They are read." },
  ]);
  await page.goto(`${environment.url}/c/${id}`);
  await page.getByText("They are read.").waitFor();
  const group = page.getByTestId("tool-group");
  await expect.poll(() => group.count()).toBe(1);
  await expect.poll(() => group.innerText()).toContain("Read 12 files");
  await expect.poll(() => page.getByTestId("tool-card").count()).toBe(1);
  await expect.poll(() => card(page, "read_file").getAttribute("data-status")).toBe("error");
  await group.getByRole("button").click();
  await expect.poll(() => group.getByTestId("tool-card").count()).toBe(12);
});

test("FE-31 five megabytes of output keep the page small and can be read to their end", async () => {
  await begin(page, "Please print very much.");
  await waitForRun(page, "done");
  const shell = card(page, "run_terminal_command");
  await unfold(shell);
  await shell.getByRole("button", { name: "Show all" }).click();
  const output = shell.getByTestId("tool-output");
  await output.getByText("line 1 of an output", { exact: false }).first().waitFor();
  const nodes = () => page.evaluate(() => document.querySelectorAll("*").length);
  expect(await nodes()).toBeLessThan(3_000);
  await expect
    .poll(
      async () => {
        await output.evaluate((element) => {
          element.scrollTop = element.scrollHeight;
        });
        return output.innerText();
      },
      { timeout: 60_000, interval: 100 },
    )
    .toContain("line 120000 of an output");
  expect(await nodes()).toBeLessThan(3_000);
});

test("FE-32 a command that failed says its exit code in its line", async () => {
  await begin(page, "Please make and edit a file.");
  await waitForRun(page, "done");
  const shell = card(page, "run_terminal_command");
  const line = shell.getByRole("button").first();
  await shell.getByTestId("tool-hint").getByText("exit 3").waitFor();
  if ((await line.getAttribute("aria-expanded")) === "true") await line.click();
  expect(await line.getAttribute("aria-expanded")).toBe("false");
  await expect.poll(() => line.innerText()).toContain("exit 3");
  expect(await shell.getByTestId("tool-output").count()).toBe(0);
});

test("FE-33 a running command is stopped from its card, its process is gone, and the run goes on", async () => {
  const running = () => inSandbox("pgrep -f '[s]leep 3118' || true");
  await begin(page, "Now sleep until you are stopped.");
  const shell = card(page, "run_terminal_command");
  await shell.and(page.locator("[data-status=running]")).waitFor();
  await expect.poll(running).not.toBe("");
  await shell.getByRole("button", { name: "Stop", exact: true }).click();
  await shell.and(page.locator("[data-status=stopped]")).waitFor();
  await expect.poll(running, { timeout: 10_000 }).toBe("");
  await page.getByText("Then without it.").waitFor();
  await waitForRun(page, "done");
  const asked = await (await page.request.get(`${environment.modelUrl}/requests`)).text();
  expect(asked).toMatch(/waiting.{0,200}The person stopped this call/);
});

test("a file that a call or code is of opens in the panel of files", async () => {
  inSandbox("mkdir -p /workspace/linked && printf 'first\\nsecond\\n' > /workspace/linked/here.txt");
  const data = { files: [{ path: "linked/here.txt", lines: 2, bytes: 13 }] };
  const id = await imported(page, "Links", [
    { user: "Look." },
    { calls: [{ tool: "read_file", given: { file: "linked/here.txt" }, data }] },
    { text: "It says:\n\n```text linked/here.txt\nfirst\n```" },
    { calls: [{ tool: "never_heard_of", given: { a: [1] }, told: "It has done something." }] },
  ]);
  await page.goto(`${environment.url}/c/${id}`);
  const read = card(page, "read_file");
  await read.getByRole("button").first().click();
  // The lines that it begins with now.
  await read.locator("figure").getByText("second").waitFor();
  await page.getByTestId("part-text").getByTestId("file-link").click();
  await page.getByTestId("code").getByText("second").waitFor();
  const other = card(page, "never_heard_of");
  await other.getByRole("button").first().click();
  await expect.poll(() => other.innerText()).toContain('"a": [');
  await picture(page, "links");
  inSandbox("rm -rf /workspace/linked");
});
