import { execFileSync } from "node:child_process";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { picture } from "./browser";
import { begin, card, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page, session } from "./fixture";

const WHAT = "echo published >> published.txt";

beforeAll(() =>
  setRules([
    { about: { type: "command", pattern: "echo published" }, action: "ask" },
    { about: { type: "tool", name: "edit_file" }, action: "ask" },
  ]),
);

afterAll(() => setRules([]));

/** Saves the instance's rules, as the settings page does. */
async function setRules(rules: unknown): Promise<void> {
  const settings = await session.page();
  await settings.goto(`${environment.url}/`);
  const status = await settings.evaluate(
    async (body) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch("/api/v1/settings/permissions", {
        method: "PUT",
        headers,
        body: JSON.stringify(body),
      });
      return answer.status;
    },
    { rules },
  );
  expect(status).toBe(200);
  await settings.close();
}

const dockOf = (where: Page) => where.getByTestId("approval-dock");

async function ask(): Promise<void> {
  await begin(page, "Please publish the site.");
  await waitForRun(page, "waiting_approval");
}

/** Waits until the dock may be acted on. */
const armed = (where: Page) => where.locator("[data-testid=approval][data-armed=true]").first().waitFor();

test("FE-40 a call that needs approval is told in the dock, the sidebar, the title and its card", async () => {
  await ask();
  const dock = dockOf(page);
  await dock.waitFor();
  const words = await dock.innerText();
  for (const part of [
    "The model wants to run a command",
    WHAT,
    "commands like echo published",
    "Approve once",
  ])
    expect(words).toContain(part);
  await page.waitForFunction(() => document.title.startsWith("(1) ▲"));
  await page.getByTestId("sidebar").getByText("Needs you").first().waitFor();
  await expect.poll(() => card(page, "run_terminal_command").innerText()).toContain("needs your approval");
  await picture(page, "approval-dock");

  await armed(page);
  await dock.getByRole("button", { name: "Approve once" }).click();
  await waitForRun(page, "done");
  await dock.waitFor({ state: "detached" });
  await expect.poll(() => card(page, "run_terminal_command").getAttribute("data-status")).toBe("ok");
  expect(await page.title()).not.toContain("▲");
});

test("FE-41 Enter held while it appears approves nothing, and what is typed is not interrupted", async () => {
  await begin(page, "Please publish the site.");
  const box = page.getByTestId("composer").getByRole("textbox");
  await box.focus();
  await page.keyboard.down("Enter");
  await dockOf(page).waitFor();
  // A key that is held goes on telling that it is pressed.
  for (let press = 0; press < 5; press += 1) await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  expect(await box.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.type("ad");
  await armed(page);
  await page.keyboard.type("ad");
  expect(await box.inputValue()).toContain("adad");
  expect(await page.getByTestId("run-state").getAttribute("data-status")).toBe("waiting_approval");

  await box.fill("");
  await page.getByRole("heading", { name: "The model wants to run a command" }).click();
  await box.evaluate((element) => (element as HTMLElement).blur());
  await page.keyboard.press("a");
  await waitForRun(page, "done");
});

test("FE-42 a decision in one tab takes the dock away in the other, and the model hears why not", async () => {
  await ask();
  const second = await session.page();
  await second.goto(page.url());
  await armed(second);
  await armed(page);
  await page.keyboard.press("Tab");
  await dockOf(page).getByRole("button", { name: "Deny…" }).click();
  await page.getByLabel("What the model is told").fill("Not on a Friday.");
  await page.keyboard.press("Enter");
  await dockOf(second).waitFor({ state: "detached" });
  await waitForRun(page, "done");
  await waitForRun(second, "done");
  const denied = card(second, "run_terminal_command");
  await expect.poll(() => denied.getAttribute("data-status")).toBe("denied");
  await expect.poll(() => second.getByTestId("timeline").innerText()).toContain("Then not.");
  await second.close();
});

test("FE-42 the change that would be made is shown in the dock and in its card, and a decision in the card counts everywhere", async () => {
  await begin(page, "Please repaint the sign.");
  await waitForRun(page, "waiting_approval");
  const inDock = dockOf(page).locator("[data-testid=planned-change] tr");
  await expect.poll(() => inDock.allInnerTexts()).toHaveLength(4);
  expect((await inDock.allInnerTexts()).map((row) => row.replaceAll(/\s+/g, ""))).toEqual([
    "11one",
    "2−two",
    "2+2",
    "33three",
  ]);
  await picture(page, "approval-diff");
  const second = await session.page();
  await second.goto(page.url());
  const inline = second.getByTestId("approval-inline");
  await inline.locator("[data-testid=planned-change] tr").first().waitFor();
  await inline.locator("[data-armed=true]").waitFor();
  await dockOf(page).locator("[data-armed=true]").waitFor();
  await inline.getByRole("button", { name: "Approve once" }).click();
  for (const where of [page, second]) {
    await dockOf(where).waitFor({ state: "detached" });
    await where.getByTestId("approval-inline").waitFor({ state: "detached" });
    await waitForRun(where, "done");
    await expect.poll(() => card(where, "edit_file").getAttribute("data-status")).toBe("ok");
  }
  await second.close();
});

test("FE-43 after the gateway was killed it is still pending and can be answered", async () => {
  await ask();
  await armed(page);
  execFileSync("docker", ["kill", environment.control]);
  execFileSync("docker", ["start", environment.control]);
  const again = await session.page();
  await page.close();
  await reached(again, page.url());
  session.reset();
  await armed(again);
  await expect.poll(() => dockOf(again).getByTestId("approval-what").innerText()).toBe(WHAT);
  await dockOf(again).getByRole("button", { name: "Approve once" }).click();
  await waitForRun(again, "done");
  await expect.poll(() => card(again, "run_terminal_command").getAttribute("data-status")).toBe("ok");
  await again.close();
});

/** Opens an address once somebody answers there. */
async function reached(where: Page, url: string): Promise<void> {
  for (;;) {
    try {
      const answer = await where.goto(url);
      if (answer?.ok()) {
        await dockOf(where).waitFor({ timeout: 5_000 });
        return;
      }
    } catch {
      // It is not there yet; the case's own limit ends this.
    }
  }
}

test("rules are chosen, written, put in order and saved in the settings", async () => {
  await page.goto(`${environment.url}/settings`);
  const form = page.getByTestId("permissions");
  await form.getByLabel("Words of the command").waitFor();
  await form.getByLabel("Start from").selectOption("changes");
  await form.getByRole("button", { name: "Add a rule" }).click();
  await form.getByLabel("Words of the command").fill("echo published");
  await form.getByRole("button", { name: "Move rule 2 up" }).click();
  await form.getByRole("group", { name: "Rule 2" }).getByLabel("What is done").selectOption("allow");
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByRole("status").getByText("Saved").waitFor();
  await page.reload();
  await form.getByLabel("Words of the command").waitFor();
  await expect.poll(() => form.getByLabel("Words of the command").inputValue()).toBe("echo published");
  await expect.poll(() => form.getByLabel("About").nth(1).inputValue()).toBe("changes");
  await picture(page, "permissions");
  await form.getByLabel("Words of the command").fill("a && b");
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByRole("alert").getByText("Details").click();
  await form.getByText(/rule 1/).waitFor();
  session.allow(/422|400/);
});
