import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { picture, Session } from "./browser";
import { begin, say, waitForRun } from "./conversation";
import { environment } from "./environment";

let session: Session;
let page: Page;

beforeAll(async () => {
  session = await Session.start();
});

afterAll(() => session.end());

beforeEach(async () => {
  session.faults.length = 0;
  page = await session.page();
});

afterEach(async ({ task }) => {
  await session.tellIfFailed(task);
  await page.close();
});

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
  expect(await row("site").getAttribute("aria-expanded")).toBe("true");
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
  expect(session.faults).toEqual([]);
});

test("the tree is driven by keys, and what is deleted comes back", async () => {
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
  expect(await current()).toBe("keys");
  await page.keyboard.press("ArrowRight");
  await row("keys/gamma.txt").waitFor();
  await page.keyboard.press("ArrowRight");
  expect(await current()).toBe("keys/alpha.txt");
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
  expect(session.faults).toEqual([]);
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
  expect(await dialog.getByTestId("conflict-theirs").innerText()).toContain("theirs");
  await picture(page, "files-conflict");
  await dialog.getByRole("button", { name: "Save mine over it" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  const saved = await page.request.get(`${environment.url}/api/v1/workspace/file?path=shared.md`);
  expect(await saved.text()).toBe("one\nmine");
  // The one refusal is what this is about; the browser reports it on its console too.
  expect(session.faults.filter((fault) => !fault.includes("412"))).toEqual([]);
});

test("a file that is attached to the first message is in the workspace, and the model is told where", async () => {
  await page.goto(`${environment.url}/`);
  const attached = { name: "attached.txt", mimeType: "text/plain", buffer: Buffer.from("forty-two\n") };
  await page.getByTestId("attach").setInputFiles(attached);
  await page.locator("[data-testid=attachments] [data-state=done]").waitFor();
  await say(page, "Please read what I attached.");
  await page.getByTestId("timeline").getByText("It says forty-two.").waitFor();
  expect(await page.getByTestId("turn-user").innerText()).toContain(".slipway/uploads/attached");
  expect(session.faults.filter((fault) => !fault.includes("409"))).toEqual([]);
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
  expect(session.faults).toEqual([]);
});
