import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { picture } from "./browser";
import { say, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page } from "./fixture";

/** What a program in the sandbox prints, started by nobody's agent. */
const inSandbox = (command: string) =>
  execFileSync("docker", ["exec", environment.sandbox, "sh", "-c", command], { encoding: "utf8" }).trim();

test("a new conversation works in a workspace of its own, which is deleted and comes back", async () => {
  await page.goto(`${environment.url}/`);
  await page.getByTestId("workspace-picker").click();
  await page.getByRole("menuitem", { name: "New workspace…" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Allotment");
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  await page.getByTestId("workspace-picker").getByText("Allotment").waitFor();
  await picture(page, "workspace-picker");

  await say(page, "Please plant the garden.");
  await page.waitForURL(/\/c\//);
  await waitForRun(page, "done");
  await page.getByTestId("workspace-name").getByText("Allotment").waitFor();
  await page.goto(`${page.url().split("?")[0]}?panel=files`);
  const garden = page.getByTestId("panel-files").locator("[role=treeitem][data-path=garden]");
  await garden.getByRole("img", { name: /changed files? below/ }).waitFor();
  const [id = ""] = inSandbox("ls -d /workspaces/allotment* | head -n 1").split("\n");
  expect(inSandbox(`test -f ${id}/garden/beds.txt && echo there`)).toBe("there");

  await page.goto(`${environment.url}/settings`);
  const settings = page.getByTestId("workspaces");
  await settings.getByRole("button", { name: "Delete Allotment" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await settings.getByRole("button", { name: "Bring Allotment back" }).click();
  await settings.getByRole("button", { name: "Delete Allotment" }).waitFor();
  expect(inSandbox(`test -f ${id}/garden/beds.txt && echo there`)).toBe("there");
  // Others begin where they did.
  await page.goto(`${environment.url}/`);
  await page.getByTestId("workspace-picker").click();
  await page.getByRole("menuitemcheckbox", { name: "Default" }).click();
  await page.getByTestId("workspace-picker").getByText("Default").waitFor();
});
