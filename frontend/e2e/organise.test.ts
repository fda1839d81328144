import { expect, test } from "vitest";
import { begin, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page } from "./fixture";

test("a text that only the model wrote is found, and leads to its message", async () => {
  await begin(page, "Give me a long answer.");
  await waitForRun(page, "done");
  const conversation = new URL(page.url()).pathname;
  await page.goto(`${environment.url}/`);
  await page.getByTestId("search-box").fill("DRAG chains");
  const hit = page.getByTestId("search-hit").first();
  await hit.waitFor();
  await expect.poll(() => hit.locator("mark").innerText()).toMatch(/drag/i);
  await hit.click();
  await page.waitForURL(`**${conversation}?m=*`);
  const message = page.getByTestId("wanted-message");
  await message.waitFor();
  await expect.poll(() => message.innerText()).toContain("Drag chains");
  await page.getByTestId("search-box").fill("no such words anywhere");
  await page.getByTestId("search-results").getByText("Nothing holds").waitFor();
  await page.getByTestId("search-box").press("Escape");
  await page.getByTestId("conversation-row").first().waitFor();
});

test("a conversation is pinned, put away, brought back by the undo and found among the archived", async () => {
  await begin(page, "Please make and edit a file.");
  await waitForRun(page, "done");
  const link = `a[href*="${new URL(page.url()).pathname}"]`;
  const row = page.getByTestId("conversation-row").filter({ has: page.locator(link) });
  const choose = async (name: string) => {
    await row.hover();
    await row.getByRole("button").click();
    await page.getByRole("menuitem", { name }).click();
  };
  const sidebar = page.getByTestId("sidebar");

  await choose("Pin");
  await sidebar.getByRole("heading", { name: "Pinned" }).waitFor();
  await page.reload();
  await sidebar.getByRole("heading", { name: "Pinned" }).waitFor();
  await choose("Unpin");
  await sidebar.getByRole("heading", { name: "Pinned" }).waitFor({ state: "detached" });

  await choose("Archive");
  await row.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await row.waitFor();
  await choose("Archive");
  await row.waitFor({ state: "detached" });
  await sidebar.getByRole("button", { name: "Archived conversations" }).click();
  await page.getByTestId("archived-list").locator(link).waitFor();
  await choose("Move back to the list");
  await page.getByTestId("archived-list").locator(link).waitFor({ state: "detached" });
  await sidebar.getByRole("button", { name: "Back", exact: true }).click();
  await row.waitFor();
});
