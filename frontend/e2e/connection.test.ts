import { execFileSync } from "node:child_process";
import type { Page, Request } from "playwright-core";
import { expect, test } from "vitest";
import { begin, say, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page, session } from "./fixture";
import { keepsPromise } from "./promise";

/** What the model of `tests/scripts/e2e.yaml` sends before it stalls, and what when it is asked to continue. */
const WAVES = [
  "Wave one reaches the slip. 二番目の波 is higher. Wave thr",
  "The script has no answer to that.",
];

/** What may go wrong while nobody answers: requests, and nothing else. */
const OUTAGE = /net::ERR_|Failed to load resource|^50[0234] /;

/** A page that reads the event stream itself, as browsers without shared workers do: it can be cut off alone. */
async function pageOfItsOwn(): Promise<Page> {
  const own = await session.page();
  await own.addInitScript("delete window.SharedWorker");
  return own;
}

/** Writes a message to an open conversation from elsewhere. */
async function writeFromElsewhere(url: string, text: string): Promise<void> {
  const id = new URL(url).pathname.slice("/c/".length);
  const other = await session.page();
  const answer = await other.request.post(`${environment.url}/api/v1/conversations/${id}/messages`, {
    headers: { origin: environment.url },
    data: { client_id: `elsewhere-${Date.now()}`, text, mode: "queue", attachments: [] },
  });
  expect(answer.status()).toBe(202);
  await other.close();
}

const state = (of: Page) => of.getByTestId("conn");
const texts = (of: Page) => of.getByTestId("part-text").allInnerTexts();

test("FE-80 a gateway that is killed in the middle of an answer is waited for; nothing that the model sent is lost or doubled", async () => {
  await begin(page, "Please count the waves.");
  await page
    .getByTestId("part-text")
    .getByText(WAVES[0] ?? "")
    .waitFor();
  let loads = 0;
  page.on("domcontentloaded", () => {
    loads += 1;
  });
  execFileSync("docker", ["kill", "--signal", "KILL", environment.control]);
  // A proxy in between may keep the stream open: then 25 s of silence tell.
  await state(page).getByText("Reconnecting").waitFor({ timeout: 60_000 });
  await page.getByText("Nothing is lost").waitFor();
  // What was there can still be read.
  await expect.poll(async () => (await texts(page)).join()).toContain(WAVES[0]);
  execFileSync("docker", ["start", environment.control]);
  await state(page).getByText("Slipway was restarted").waitFor({ timeout: 60_000 });
  await waitForRun(page, "stopped");
  await page.getByTestId("continue").click();
  await waitForRun(page, "done");
  await expect.poll(() => texts(page)).toEqual(WAVES);
  expect(await page.getByTestId("turn-user").count()).toBe(1);
  expect(loads, "the page was loaded anew").toBe(0);
  // Those after this case want tools.
  await page.getByText("The sandbox is not attached").waitFor({ state: "detached" });
  session.allow(OUTAGE);
});

test("FE-81 what happened while the browser was offline is there soon after it is back, once and without a reload", async () => {
  const own = await pageOfItsOwn();
  await begin(own, "hello");
  await waitForRun(own, "done");
  const turns = own.getByTestId("turn-user");
  let said = 1;
  await keepsPromise("FE-81 caught up", 2_000, async () => {
    let refused = 0;
    const count = (request: Request) => {
      if (request.url().includes("/events?")) refused += 1;
    };
    own.on("requestfailed", count);
    await own.context().setOffline(true);
    const gone = Date.now();
    await state(own).getByText("Offline").waitFor({ timeout: 60_000 });
    await own.getByText("This device is offline").waitFor();
    await writeFromElsewhere(own.url(), "hello again");
    // Long enough that the next attempt of its own would be seconds away.
    await expect.poll(() => refused >= 5 && Date.now() - gone >= 10_000, { timeout: 60_000 }).toBe(true);
    expect(await turns.count()).toBe(said);
    own.off("requestfailed", count);
    const back = Date.now();
    await own.context().setOffline(false);
    await turns.nth(said).waitFor();
    const took = Date.now() - back;
    await waitForRun(own, "done");
    said += 1;
    return took;
  });
  const hellos = Array.from({ length: said }, () => "Hello from the script.");
  await expect.poll(() => texts(own)).toEqual(hellos);
  expect(await turns.count()).toBe(said);
  session.allow(OUTAGE);
  await own.close();
});

test("what is sent offline waits with a mark, in its order, and goes out by itself", async () => {
  const own = await pageOfItsOwn();
  await begin(own, "hello");
  await waitForRun(own, "done");
  await own.context().setOffline(true);
  await say(own, "first of two: hello");
  const unsent = own.getByTestId("unsent");
  await unsent.and(own.locator("[data-state=waiting]")).waitFor();
  await say(own, "second of two: hello");
  await expect.poll(() => unsent.and(own.locator("[data-state=waiting]")).count()).toBe(2);
  await expect.poll(() => unsent.first().innerText()).toContain("Waits here until Slipway answers");
  await own.context().setOffline(false);
  await unsent.first().waitFor({ state: "detached" });
  await expect.poll(() => texts(own)).toHaveLength(3);
  const turns = await own.getByTestId("turn-user").allInnerTexts();
  expect(turns.map((turn) => /first|second/.exec(turn)?.[0])).toEqual([undefined, "first", "second"]);
  session.allow(OUTAGE);
  await own.close();
});

test("FE-82 with ten tabs open every tab still gets answers", async () => {
  await begin(page, "hello");
  await waitForRun(page, "done");
  const tabs: Page[] = [];
  for (let n = 0; n < 10; n += 1) {
    const tab = await session.page();
    tabs.push(tab);
    await tab.goto(page.url());
    await state(tab).getByText("Connected").waitFor();
  }
  // A browser that holds six connections open to one address sends nothing more there.
  const took = await Promise.all(
    tabs.map((tab) =>
      tab.evaluate(async () => {
        const began = performance.now();
        const answer = await fetch("/api/v1/instance", { signal: AbortSignal.timeout(30_000) });
        return answer.ok ? performance.now() - began : -1;
      }),
    ),
  );
  expect(took.every((ms) => ms >= 0)).toBe(true);
  process.stdout.write(`FE-82 the slowest of ten answers took ${Math.max(...took).toFixed(0)} ms\n`);
  await writeFromElsewhere(page.url(), "hello to all tabs");
  for (const tab of tabs) await tab.getByTestId("turn-user").nth(1).waitFor();
  for (const tab of tabs) await tab.close();
});

test("FE-83 after a minute's sleep the stream is replaced and nothing is missing", async () => {
  const own = await pageOfItsOwn();
  await own.clock.install();
  let streams = 0;
  own.on("request", (request) => {
    if (request.url().includes("/events?")) streams += 1;
  });
  await begin(own, "hello");
  await waitForRun(own, "done");
  expect(streams).toBe(1);
  // As when a lid is closed and opened again: the clock has gone on, and no timer has run meanwhile.
  await own.clock.fastForward(60_000);
  await expect.poll(() => streams).toBe(2);
  await state(own).getByText("Connected").waitFor();
  await writeFromElsewhere(own.url(), "hello after the sleep");
  await own.getByTestId("turn-user").nth(1).waitFor();
  await expect.poll(() => own.getByTestId("turn-user").count()).toBe(2);
  session.allow(/ERR_ABORTED/);
  await own.close();
});
