import type { Locator, Page } from "playwright-core";
import { environment } from "./environment";

/** Opens the start page and sends a message, which begins a conversation. */
export async function begin(page: Page, text: string): Promise<void> {
  await page.goto(`${environment.url}/`);
  await say(page, text);
  await page.waitForURL(/\/c\//);
}

/** Types a message and sends it with Enter. */
export async function say(page: Page, text: string): Promise<void> {
  const box = page.getByTestId("composer").getByRole("textbox");
  await box.fill(text);
  await box.press("Enter");
}

/** Waits until the conversation's run is in a state. */
export async function waitForRun(page: Page, state: string, timeout = 60_000): Promise<void> {
  await page.locator(`[data-testid=run-state][data-status=${state}]`).waitFor({ timeout });
}

/** The card of the nth call of a tool. */
export function card(page: Page, tool: string, nth = 0): Locator {
  return page.locator(`[data-testid=tool-card][data-tool=${tool}]`).nth(nth);
}

/** Opens a card, unless it is open: what was opened stays so, over a reload too. */
export async function unfold(of: Locator): Promise<void> {
  const line = of.getByRole("button").first();
  if ((await line.getAttribute("aria-expanded")) !== "true") await line.click();
}
