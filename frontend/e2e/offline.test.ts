import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { picture, type Session } from "./browser";
import { begin, say, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page, session } from "./fixture";

const OUTAGE = /net::ERR_|Failed to load resource|^50[0234] /;
const state = (of: Page) => of.getByTestId("conn");

/** A page of a browser without shared workers, which counts the event streams that it opens. */
async function tabAlone(of: Session): Promise<{ tab: Page; streams: () => number }> {
  const tab = await of.page();
  await tab.addInitScript("delete window.SharedWorker");
  let streams = 0;
  tab.on("request", (request) => {
    if (request.url().includes("/events?")) streams += 1;
  });
  return { tab, streams: () => streams };
}

test("a conversation that is begun offline waits with a mark, and begins by itself", async () => {
  session.allow(OUTAGE);
  const own = (await tabAlone(session)).tab;
  await own.goto(`${environment.url}/`);
  await state(own).getByText("Connected").waitFor();
  await own.context().setOffline(true);
  const words = `hello from far away ${Date.now()}`;
  await say(own, words);
  const waiting = own.getByTestId("beginning").filter({ hasText: words });
  await waiting.and(own.locator("[data-state=waiting]")).waitFor();
  await own.getByTestId("waiting-to-begin").waitFor();
  expect(await own.getByTestId("composer").getByRole("textbox").inputValue()).toBe("");
  await picture(own, "beginning");
  await own.context().setOffline(false);
  await waiting.waitFor({ state: "detached" });
  const rows = own.getByTestId("conversation-row").filter({ hasText: words });
  await rows.first().waitFor();
  await expect.poll(() => rows.count()).toBe(1);
  await own.getByRole("button", { name: "Open" }).first().click();
  await own.waitForURL(/\/c\//);
  await waitForRun(own, "done");
  expect(await own.getByTestId("turn-user").count()).toBe(1);
  await own.close();
});

test("without shared workers one tab reads the events for all, and another takes over when it closes or dies", async () => {
  const tabs: { tab: Page; streams: () => number }[] = [];
  for (let n = 0; n < 8; n += 1) {
    const one = await tabAlone(session);
    await one.tab.goto(`${environment.url}/`);
    await state(one.tab).getByText("Connected").waitFor();
    tabs.push(one);
  }
  const streams = () => tabs.reduce((sum, one) => sum + one.streams(), 0);
  expect(streams()).toBe(1);
  const heard = async (title: string, by: Page[]) => {
    const data = { title, budgets: { run: {}, conversation: {} } };
    const made = await page.request.post(`${environment.url}/api/v1/conversations`, {
      headers: { origin: environment.url },
      data,
    });
    expect(made.ok()).toBe(true);
    for (const tab of by) await tab.getByTestId("sidebar").getByText(title).waitFor();
  };
  await heard(
    `For eight ${Date.now()}`,
    tabs.map(({ tab }) => tab),
  );
  await tabs[0]?.tab.close();
  await heard(
    `For seven ${Date.now()}`,
    tabs.slice(1).map(({ tab }) => tab),
  );
  const leader = tabs.slice(1).find((one) => one.streams() > 0);
  expect(leader).toBeDefined();
  // The page's process is gone, without a word.
  const cdp = await leader?.tab.context().newCDPSession(leader.tab);
  await Promise.race([cdp?.send("Page.crash").catch(() => undefined), leader?.tab.waitForEvent("crash")]);
  const left = tabs.slice(1).filter((one) => one !== leader);
  await heard(
    `For six ${Date.now()}`,
    left.map(({ tab }) => tab),
  );
  for (const { tab } of tabs.slice(1)) await tab.close();
});

test("the page opens while nobody answers, keeps nothing that the API said, and is always the newest", async () => {
  await begin(page, "hello, is it kept?");
  await waitForRun(page, "done");
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(
      names.map(async (name) =>
        (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname),
      ),
    );
    return { names, files: all.flat() };
  });
  expect(kept.names).toHaveLength(1);
  expect(kept.files).toContain("/");
  expect(kept.files.filter((file) => file.startsWith("/api") || file.startsWith("/login"))).toEqual([]);
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  session.allow(OUTAGE);
  await page.context().setOffline(true);
  await page.reload();
  await page.getByRole("alert").or(page.getByTestId("composer")).first().waitFor();
  await page.context().setOffline(false);
  await page.reload();
  await page.getByTestId("turn-user").waitFor();
  const manifest = await page.request.get(`${environment.url}/manifest.webmanifest`);
  const { icons } = (await manifest.json()) as { icons: { src: string }[] };
  for (const { src } of icons) expect((await page.request.get(environment.url + src)).ok(), src).toBe(true);
  const worker = await page.request.get(`${environment.url}/sw.js`);
  expect(worker.headers()["cache-control"]).toContain("no-cache");
});
