import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { picture } from "./browser";
import { begin, say, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page, session } from "./fixture";
import { keepsPromise } from "./promise";
import { inSandbox } from "./sandbox";

const panel = () => page.getByTestId("panel-files");
const row = (path: string): Locator => panel().locator(`[role=treeitem][data-path="${path}"]`);

/** Opens a conversation with the files beside it. */
async function openFiles(text: string): Promise<void> {
  await begin(page, text);
  await waitForRun(page, "done");
  await page.goto(`${page.url().split("?")[0]}?panel=files`);
  await panel().getByRole("tree").or(panel().getByText("Nothing is in here yet.")).waitFor();
}

/** Changes a file as another program would. */
async function writeBehind(path: string, text: string): Promise<void> {
  const address = `${environment.url}/api/v1/workspace/text?path=${encodeURIComponent(path)}`;
  const answer = await page.request.put(address, { headers: { "If-Match": "*" }, data: { text } });
  expect(answer.status()).toBe(200);
}

test("a folder is uploaded, the agent sees it, the person edits, the agent is told, all is downloaded", async () => {
  await openFiles("Give me a hello, please: hello");
  const folder = join(mkdtempSync(join(tmpdir(), "slipway-e2e-")), "site");
  mkdirSync(join(folder, "styles"), { recursive: true });
  writeFileSync(join(folder, "index.html"), "<h1>Uploaded by the person</h1>\r\n<p>second</p>\r\n");
  writeFileSync(join(folder, "styles", "main.css"), "h1 { color: teal }\n");
  await page.getByTestId("upload-folder").setInputFiles(folder);
  await page.getByTestId("uploads").getByText("2 of 2 uploaded").waitFor();

  await row("site").click();
  await row("site/index.html").waitFor();
  await say(page, "Please look at my upload.");
  // What the agent writes appears without anybody asking, and what was open stays open.
  await row("site/by-the-agent.txt").waitFor({ timeout: 30_000 });
  await expect.poll(() => row("site").getAttribute("aria-expanded")).toBe("true");
  await page.getByTestId("timeline").getByText("I have looked at it.").waitFor();
  await row("site/by-the-agent.txt").getByRole("img", { name: "Added by the agent" }).waitFor();
  await row("site").getByRole("img", { name: "1 changed file below" }).waitFor();

  await row("site/index.html").click();
  const code = page.getByTestId("code");
  await code.getByText("Uploaded by the person").waitFor();
  await picture(page, "files-panel");
  await code.getByRole("textbox").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("<!-- Edited by the person -->");
  await page.keyboard.press("Control+s");
  await page.getByText("Saved", { exact: true }).waitFor();
  await say(page, "And what did I change?");
  await page.getByTestId("timeline").getByText("I see your change.").waitFor();

  await page.getByTestId("panel-files").getByRole("button", { name: "Add" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: /Download everything as zip/ }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.zip$/);
  const zip = readFileSync(await download.path());
  for (const name of ["site/index.html", "site/styles/main.css"]) {
    expect(zip.includes(name), name).toBe(true);
  }
  const saved = await page.request.get(`${environment.url}/api/v1/workspace/file?path=site/index.html`);
  // Saving has changed nothing but what was typed: the ends of lines are as they were.
  expect(await saved.text()).toBe(
    "<!-- Edited by the person --><h1>Uploaded by the person</h1>\r\n<p>second</p>\r\n",
  );
});

test("FE-64 the tree is driven by keys and by typing, and what is deleted comes back", async () => {
  await openFiles("Give me a hello, please: hello");
  for (const name of ["alpha.txt", "beta.txt", "gamma.txt"]) {
    const address = `${environment.url}/api/v1/workspace/file?path=keys/${name}&replace=true`;
    expect((await page.request.put(address, { data: Buffer.from(name) })).status()).toBe(200);
  }
  await row("keys").waitFor();
  const tree = panel().getByRole("tree");
  const current = () => tree.locator("[aria-selected=true]").getAttribute("data-path");
  await tree.focus();
  await page.keyboard.type("keys");
  await expect.poll(() => current()).toBe("keys");
  await page.keyboard.press("ArrowRight");
  await row("keys/gamma.txt").waitFor();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => current()).toBe("keys/alpha.txt");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Delete");
  await row("keys/beta.txt").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await row("keys/beta.txt").waitFor();
  await tree.focus();
  await page.keyboard.press("Home");
  const first = await current();
  await page.keyboard.press("End");
  expect(await current()).not.toBe(first);
});

test("FE-63 what the agent writes appears soon, and what was selected and open stays so", async () => {
  inSandbox(
    "cd /workspace && rm -rf seen && mkdir -p seen/deep && touch seen/early.txt && chown -R --reference=. seen",
  );
  await openFiles("Give me a hello, please: hello");
  await row("seen").click();
  await row("seen/deep").click();
  await row("seen/early.txt").click();
  await page.getByTestId("file-view").waitFor();
  await keepsPromise("FE-63 in the tree", 1_500, async () => {
    inSandbox("rm -f /workspace/seen/deep/late.txt");
    await row("seen/deep/late.txt").waitFor({ state: "detached" });
    await say(page, "Please write one more file.");
    await row("seen/deep/late.txt").waitFor();
    // Both have the clock of this machine.
    const appeared = Date.now();
    const written = Number(inSandbox("stat -c %.3Y /workspace/seen/deep/late.txt")) * 1_000;
    await waitForRun(page, "done");
    return Math.round(appeared - written);
  });
  for (const path of ["seen", "seen/deep"])
    await expect.poll(() => row(path).getAttribute("aria-expanded")).toBe("true");
  await expect.poll(() => row("seen/early.txt").getAttribute("aria-selected")).toBe("true");
  await expect.poll(() => page.getByTestId("file-view").getAttribute("aria-label")).toBe("seen/early.txt");
  await row("seen/deep/late.txt").getByRole("img", { name: "Added by the agent" }).waitFor();
  await row("seen").getByRole("img", { name: "1 changed file below" }).waitFor();
  await waitForRun(page, "done");
});

test("a file is found by letters of its path, in the tree and from anywhere by Ctrl+P", async () => {
  inSandbox("mkdir -p /workspace/finding/within && echo 'found it' > /workspace/finding/within/needle-7.txt");
  await openFiles("Give me a hello, please: hello");
  await panel().getByRole("searchbox", { name: "Find files" }).fill("findneedle7");
  await row("finding/within/needle-7.txt").click();
  await page.getByTestId("code").getByText("found it").waitFor();
  await panel().getByRole("searchbox").fill("no such file at all");
  await panel().getByText("No file fits that.").waitFor();
  await panel().getByRole("searchbox").press("Escape");
  await row("finding").waitFor();

  await page.goto(`${page.url().split("?")[0]}?panel=none`);
  await page.getByTestId("timeline").focus();
  await page.keyboard.press("Control+p");
  await page.getByTestId("quick-open").getByRole("combobox").fill("findneedle7");
  await page.getByTestId("quick-open").getByRole("option", { name: "needle-7.txt" }).waitFor();
  await picture(page, "quick-open");
  await page.keyboard.press("Enter");
  await page.getByTestId("code").getByText("found it").waitFor();
  // The address opens it again, with the directories on the way to it.
  await page.reload();
  await page.getByTestId("code").getByText("found it").waitFor();
  await row("finding/within/needle-7.txt").waitFor();
});

test("tables, Markdown, and what is no text are shown as what they are", async () => {
  inSandbox(
    `mkdir -p /workspace/kinds && cd /workspace/kinds && { echo 'name,note'; seq -f '"row, %g",x' 3000; } > table.csv &&
     printf '# A heading\n\nSome *words*.\n' > read.md && printf 'Slip\\000way' > bytes.dat && touch empty.pdf &&
     printf '%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' > paper.pdf &&
     printf '3 0 obj<</Type/Page/MediaBox[0 0 300 200]/Parent 2 0 R>>endobj\ntrailer<</Root 1 0 R>>' >> paper.pdf`,
  );
  await openFiles("Give me a hello, please: hello");
  await row("kinds").click();
  await row("kinds/table.csv").click();
  const table = page.getByTestId("table");
  await table.getByRole("cell", { name: "row, 1", exact: true }).waitFor();
  await table.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await table.getByRole("cell", { name: "row, 3000" }).waitFor();
  expect(await table.getByRole("row").count()).toBeLessThan(100);
  await picture(page, "files-table");

  await row("kinds/read.md").click();
  await page.getByTestId("code").getByRole("textbox").click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("Typed.");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByTestId("markdown").getByRole("heading", { name: "A heading" }).waitFor();
  await page.getByTestId("markdown").getByText("Typed.").waitFor();
  await page.getByRole("button", { name: "Text", exact: true }).click();
  await page.getByTestId("code").getByText("Typed.").waitFor();
  await page.getByRole("button", { name: "Discard changes" }).click();

  await row("kinds/bytes.dat").click();
  await page.getByTestId("hex").getByText("53 6c 69 70 00 77 61 79").waitFor();
  await row("kinds/paper.pdf").click();
  await page.getByTestId("pdf-view").waitFor();
  // The browser's own viewer has taken it.
  await expect
    .poll(() => page.frames().map((frame) => frame.url()))
    .toContainEqual(expect.stringMatching(/^chrome-extension:/));
  await row("kinds/empty.pdf").click();
  await page.getByTestId("file-view").getByText("This is no PDF file").waitFor();
  // That it is no text is learned by asking for it.
  session.allow(/415/);
});

test("what somebody else has saved is not overwritten unseen", async () => {
  await openFiles("Give me a hello, please: hello");
  const address = `${environment.url}/api/v1/workspace/file?path=shared.md&replace=true`;
  expect((await page.request.put(address, { data: Buffer.from("one\n") })).status()).toBe(200);
  await row("shared.md").click();
  await page.getByTestId("code").getByText("one").waitFor();
  await page.getByTestId("code").getByRole("textbox").click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("mine");
  await writeBehind("shared.md", "theirs\n");
  await page.getByTestId("save-file").click();
  const dialog = page.getByRole("dialog");
  await expect.poll(() => dialog.getByTestId("conflict-theirs").innerText()).toContain("theirs");
  await picture(page, "files-conflict");
  await dialog.getByRole("button", { name: "Save mine over it" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  const saved = await page.request.get(`${environment.url}/api/v1/workspace/file?path=shared.md`);
  expect(await saved.text()).toBe("one\nmine");
  // The one refusal is what this is about; the browser reports it on its console too.
  session.allow(/412/);
});

test("a file that is attached to the first message is in the workspace, and the model is told where", async () => {
  await page.goto(`${environment.url}/`);
  const attached = { name: "attached.txt", mimeType: "text/plain", buffer: Buffer.from("forty-two\n") };
  await page.getByTestId("attach").setInputFiles(attached);
  await page.locator("[data-testid=attachments] [data-state=done]").waitFor();
  await say(page, "Please read what I attached.");
  await page.getByTestId("timeline").getByText("It says forty-two.").waitFor();
  await expect.poll(() => page.getByTestId("turn-user").innerText()).toContain(".slipway/uploads/attached");
  session.allow(/409/);
});

test("a repository that cannot be cloned is said so, and why", async () => {
  await openFiles("Give me a hello, please: hello");
  await panel().getByRole("button", { name: "Add" }).click();
  await page.getByRole("menuitem", { name: /Clone a repository/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Address of the repository").fill("http://me:t0ken@localhost:1/none.git");
  await dialog.getByRole("button", { name: "Clone" }).click();
  const failed = page.getByTestId("clones").locator("[data-state=failed]");
  await failed.waitFor();
  const said = await failed.innerText();
  expect(said).toContain("git said");
  expect(said).not.toContain("t0ken");
  await failed.getByRole("button", { name: "Take it off the list" }).click();
  await page.getByTestId("clones").waitFor({ state: "detached" });
});
