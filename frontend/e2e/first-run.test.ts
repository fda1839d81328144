import { expect, test } from "vitest";
import { picture } from "./browser";
import { card, waitForRun } from "./conversation";
import { BLUE, showDesktop, waitForPixels } from "./desktop";
import { environment } from "./environment";
import { page } from "./fixture";

test("FE-90 before anything is set up every address leads to the first-run screen", async () => {
  for (const path of ["/", "/settings", "/c/conv_that_never_was?panel=files", "/nowhere"]) {
    await page.goto(environment.url + path);
    await page.waitForURL(/\/setup$/);
    await page.getByTestId("setup").waitFor();
  }
  await page
    .getByTestId("setup-sandbox")
    .getByText(/attached/)
    .first()
    .waitFor();
});

test("FE-91 a wrong key is tested and told in the provider's own words, and nothing is saved", async () => {
  await page.goto(`${environment.url}/setup`);
  await page.getByTestId("preset").last().click();
  const form = page.getByTestId("provider-form");
  await form.getByLabel(/Base URL/).fill(environment.providerUrl);
  await form.getByLabel(/^Model/).fill("scripted");
  await form.getByLabel(/API key/).fill("sk-wrong-key");
  await page.getByTestId("provider-test").click();
  const result = page.getByTestId("provider-test-result");
  await result.waitFor({ timeout: 30_000 });
  await expect.poll(() => result.getAttribute("data-result")).toBe("fails");
  const words = await result.innerText();
  expect(words).toContain("401");
  expect(words).toContain("Incorrect API key provided");
  expect(await page.locator("body").innerText()).not.toContain("sk-wrong-key");

  const list = await page.request.get(`${environment.url}/api/v1/providers`);
  expect(JSON.stringify(await list.json())).not.toContain(environment.providerUrl);
  await page.reload();
  await page.waitForURL(/\/setup$/);
});

test("the demo does real work to its end, is labelled as a script, and is seen on the desktop", async () => {
  await page.goto(`${environment.url}/setup`);
  await page.getByTestId("try-demo").click();
  await page.waitForURL(/\/c\//);
  await page.getByTestId("sidebar").getByText("script", { exact: true }).first().waitFor();
  await waitForRun(page, "done", 90_000);

  await card(page, "run_terminal_command", 0)
    .getByText(/exit 1/)
    .first()
    .waitFor();
  await expect.poll(() => card(page, "edit_file").getAttribute("data-status")).toBe("ok");
  await page.getByTestId("timeline").getByText("Done. The timer runs").waitFor();
  await showDesktop(page);
  await waitForPixels(page, BLUE, 1_000);
  await picture(page, "conversation");
});
