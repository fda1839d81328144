import { expect, test } from "vitest";
import { begin, waitForRun } from "./conversation";
import { showDesktop } from "./desktop";
import { environment } from "./environment";
import { page, session } from "./fixture";

test("without a service worker and without a word on the console the page works over plain HTTP", async () => {
  const said: string[] = [];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  expect(new URL(environment.url).hostname).not.toMatch(/^(127\.|localhost$)/);
  await begin(page, "hello from elsewhere");
  await waitForRun(page, "done");
  const has = await page.evaluate(() => ({
    secure: window.isSecureContext,
    worker: "serviceWorker" in navigator,
    caches: "caches" in window,
  }));
  expect(has).toEqual({ secure: false, worker: false, caches: false });

  await page.reload();
  await page.getByTestId("part-text").getByText("Hello from the script.").waitFor();
  expect(said).toEqual([]);
  // The library that draws the desktop says this wherever there is no TLS, and works.
  session.allow(/^console: noVNC requires a secure context/);
  await showDesktop(page);
  await page.locator("[data-testid=panel-desktop][data-state=connected]").waitFor();
});
