import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { picture, Session } from "./browser";
import { card, waitForRun } from "./conversation";
import { BLUE, showDesktop, waitForPixels } from "./desktop";
import { environment } from "./environment";

let session: Session;

beforeAll(async () => {
  session = await Session.start();
});

afterEach(({ task }) => session.tellIfFailed(task));

afterAll(() => session.end());

test("any address leads to the first-run screen, which says what is wrong with a provider", async () => {
  const page = await session.page();
  await page.goto(`${environment.url}/settings`);
  await page.waitForURL(/\/setup$/);
  await page
    .getByTestId("setup-sandbox")
    .getByText(/attached/)
    .first()
    .waitFor();
  await page.getByTestId("preset").last().click();
  const form = page.getByTestId("provider-form");
  await form.getByLabel(/Base URL/).fill("http://127.0.0.1:9/v1");
  await form.getByLabel(/^Model/).fill("no-such-model");
  const key = form.getByLabel(/API key/);
  if (await key.isVisible()) await key.fill("sk-wrong");
  await page.getByTestId("provider-test").click();
  const result = page.getByTestId("provider-test-result");
  await result.waitFor({ timeout: 30_000 });
  expect(await result.getAttribute("data-result")).toBe("fails");
  expect(session.faults).toEqual([]);
  await page.close();
});

test("the demo does real work to its end, is labelled as a script, and is seen on the desktop", async () => {
  const page = await session.page();
  await page.goto(`${environment.url}/setup`);
  await page.getByTestId("try-demo").click();
  await page.waitForURL(/\/c\//);
  await page.getByTestId("sidebar").getByText("script", { exact: true }).first().waitFor();
  await waitForRun(page, "done", 90_000);

  expect(
    await card(page, "run_terminal_command", 0)
      .getByText(/exit 1/)
      .first()
      .isVisible(),
  ).toBe(true);
  expect(await card(page, "edit_file").getAttribute("data-status")).toBe("ok");
  await page.getByTestId("timeline").getByText("Done. The timer runs").waitFor();
  await showDesktop(page);
  await waitForPixels(page, BLUE, 1_000);
  await picture(page, "conversation");
  expect(session.faults).toEqual([]);
  await page.close();
});
