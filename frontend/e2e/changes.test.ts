import { expect, test } from "vitest";
import { picture } from "./browser";
import { begin, say, waitForRun } from "./conversation";
import { page } from "./fixture";
import { inSandbox } from "./sandbox";

/** Address of the conversation whose changes the cases after the first undo. */
let planted = "";
const panel = () => page.getByTestId("panel-changes");
const file = (path: string) => panel().locator(`[data-testid=changed-file][data-path="${path}"]`);
const toast = (text: RegExp) => page.locator("li", { hasText: text });

test("changes of edits and commands are shown, by turn and for the conversation", async () => {
  await begin(page, "Please plant the garden.");
  await waitForRun(page, "done");
  await say(page, "Now tend the garden.");
  await page.getByText("It is tended.").waitFor();
  await waitForRun(page, "done");
  await page.getByTestId("turn-changes").getByText("4 files changed").waitFor();
  await page.getByTestId("turn-changes").click();

  await file("garden/beds.txt").getByTestId("hunk").nth(1).waitFor();
  const lines = await file("garden/beds.txt").innerText();
  expect(lines).toContain("second line");
  expect(lines).toContain("thirtieth line");
  await expect.poll(() => file("garden/rose.txt").innerText()).toContain("deleted");
  await expect.poll(() => file("garden/tulip.txt").innerText()).toContain("added");
  await expect.poll(() => file("garden/weed.txt").innerText()).toContain("overgrown");
  await panel().getByLabel("Side by side").check();
  await file("garden/beds.txt").getByText("second line").waitFor();
  await panel().getByLabel("Side by side").uncheck();
  await picture(page, "changes");
  await panel().getByRole("button", { name: "Conversation" }).click();
  await panel().getByText("3 files changed").waitFor();
  await panel().getByRole("button", { name: "This turn" }).click();
  planted = page.url();
});

test("one hunk is undone, and that again", async () => {
  await page.goto(planted);
  await panel().getByText("4 files changed").waitFor();
  const hunk = file("garden/beds.txt").getByTestId("hunk").first();
  await hunk.getByRole("button", { name: /Undo this change/ }).click();
  await toast(/1 file restored/).waitFor();
  expect(inSandbox("sed -n '2p;30p' /workspace/garden/beds.txt")).toBe("line 2\nthirtieth line");
  await toast(/1 file restored/)
    .getByRole("button", { name: "Undo" })
    .click();
  await expect.poll(() => inSandbox("sed -n 2p /workspace/garden/beds.txt")).toBe("second line");
});

test("the whole turn is undone after a look at what that does, and done again", async () => {
  await page.goto(planted);
  await page.getByTestId("restore").click();
  await page.getByTestId("restore-preview").getByText("garden/tulip.txt").waitFor();
  await picture(page, "restore");
  await page.getByTestId("restore-confirm").click();
  await toast(/4 files restored/).waitFor();
  const state =
    "cd /workspace/garden && sed -n '2p;30p' beds.txt && cat weed.txt rose.txt && ls tulip.txt 2>/dev/null || true";
  expect(inSandbox(state)).toBe("line 2\nline 30\novergrown\nrose");
  await toast(/4 files restored/)
    .getByRole("button", { name: "Undo" })
    .click();
  await expect.poll(() => inSandbox(state)).toBe("second line\nthirtieth line\nweed");
});

test("what the person has changed since is overwritten only at their word", async () => {
  await page.goto(planted);
  inSandbox("echo 'by the person' >> /workspace/garden/beds.txt");
  await page.getByTestId("restore").click();
  await page.getByTestId("restore-conflicts").getByText("garden/beds.txt").waitFor();
  expect(await page.getByTestId("restore-confirm").isDisabled()).toBe(true);
  await page.getByRole("button", { name: "Cancel" }).click();
  expect(inSandbox("tail -n 1 /workspace/garden/beds.txt")).toBe("by the person");

  await page.getByTestId("restore").click();
  await page.getByTestId("restore-conflicts").getByRole("checkbox").check();
  await page.getByTestId("restore-confirm").click();
  await expect.poll(() => inSandbox("tail -n 1 /workspace/garden/beds.txt")).toBe("line 40");
});
