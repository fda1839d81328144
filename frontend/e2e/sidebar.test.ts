import { expect, test } from "vitest";
import { card, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page } from "./fixture";
import { imported } from "./imported";
import { keepsPromise } from "./promise";

const api = `${environment.url}/api/v1/conversations`;
const sidebar = () => page.getByTestId("sidebar");
const rows = () => sidebar().getByTestId("conversation-row");

async function create(title: string): Promise<string> {
  const budgets = { run: {}, conversation: {} };
  const answer = await page.request.post(api, { data: { title, budgets } });
  if (!answer.ok()) throw new Error(`${answer.status()}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

/** Does something `count` times, twenty at a time. */
async function inPortions(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += 20) {
    const portion = Array.from({ length: Math.min(20, count - from) }, (_, n) => work(from + n));
    await Promise.all(portion);
  }
}

// Making and deleting five hundred takes a minute on a busy machine.
test("FE-01 of five hundred conversations only those in sight are in the page, and the keyboard reaches all", async () => {
  const mark = `of ${Date.now()}`;
  const ids: string[] = [];
  await inPortions(500, async (n) =>
    ids.push(await imported(page, `Row ${n} ${mark}`, [{ user: "Hello." }])),
  );
  try {
    await page.goto(`${environment.url}/`);
    await rows().filter({ hasText: mark }).first().getByRole("link").focus();
    const focused = sidebar().locator("[role=listitem]:focus-within");
    const place = async () => [
      Number(await focused.getAttribute("aria-posinset")),
      Number(await focused.getAttribute("aria-setsize")),
    ];
    let most = 0;
    // The list loads on wherever its end is reached, until it is known how long it is.
    await expect
      .poll(
        async () => {
          await page.keyboard.press("End");
          most = Math.max(most, await rows().count());
          const [at, all] = await place();
          return at === all && at !== undefined && at > 500;
        },
        { timeout: 60_000, interval: 50 },
      )
      .toBe(true);
    expect(most).toBeLessThan(60);
    // The row with the focus stays in the page while the list is scrolled.
    const [end = 0] = await place();
    await sidebar().hover({ position: { x: 100, y: 400 } });
    await page.mouse.wheel(0, -100_000);
    await sidebar().locator("[aria-posinset='2']").waitFor();
    expect(await place()).toEqual([end, end]);
    expect(await rows().count()).toBeLessThan(60);
    await page.keyboard.press("ArrowUp");
    await expect.poll(async () => (await place())[0]).toBe(end - 1);
    await page.keyboard.press("Home");
    await expect.poll(async () => (await place())[0]).toBeLessThan(4);
  } finally {
    await inPortions(ids.length, (n) => page.request.delete(`${api}/${ids[n]}?undo_seconds=0`));
  }
}, 300_000);

/** Whether a conversation is in the sidebar's list of what runs. */
async function isUnderRunning(title: string): Promise<boolean> {
  const texts = await sidebar().getByRole("listitem").allInnerTexts();
  const running = texts.findIndex((text) => text.startsWith("Running"));
  const row = texts.findIndex((text) => text.includes(title));
  const next = texts.findIndex((text, n) => n > running && /^(Pinned|Today|Yesterday|Older)/.test(text));
  return running >= 0 && row > running && (next < 0 || row < next);
}

test("FE-02 a run that the API starts is under Running without a reload, and soon", async () => {
  await page.goto(`${environment.url}/`);
  await page.getByTestId("composer").waitFor();
  const started: string[] = [];
  await keepsPromise("FE-02 under Running", 1_000, async () => {
    const title = `Started elsewhere ${Date.now()}`;
    const id = await create(title);
    started.push(id);
    await sidebar().getByText(title).waitFor();
    const data = { client_id: `c-${id}`, text: "Now sleep for long.", mode: "queue", attachments: [] };
    expect((await page.request.post(`${api}/${id}/messages`, { data })).status()).toBe(202);
    const began = Date.now();
    await expect.poll(() => isUnderRunning(title), { interval: 20, timeout: 30_000 }).toBe(true);
    return Date.now() - began;
  });
  for (const id of started) {
    await page.goto(`${environment.url}/c/${id}`);
    await card(page, "run_terminal_command").and(page.locator("[data-status=running]")).waitFor();
    await page.getByTestId("stop").click();
    await waitForRun(page, "stopped");
  }
});

test("FE-03 what only the model said is found, and a click has that message in view", async () => {
  const word = `zephyr${Date.now()}`;
  const said = Array.from({ length: 240 }, (_, n) =>
    n % 2 === 0 ? { user: `Question ${n}.` } : { text: n === 31 ? `The ${word} blows.` : `Answer ${n}.` },
  );
  const id = await imported(page, "A wind", said);
  await page.goto(`${environment.url}/`);
  await page.getByTestId("search-box").fill(word);
  const hit = page.getByTestId("search-hit");
  await hit.first().waitFor();
  await expect.poll(() => hit.count()).toBe(1);
  await hit.click();
  await page.waitForURL(new RegExp(`/c/${id}\\?m=`));
  const message = page.getByTestId("wanted-message");
  await message.getByText(word).waitFor();
  await expect
    .poll(() =>
      message.evaluate((element) => {
        const box = element.closest("[data-testid=timeline]")?.getBoundingClientRect();
        const { top, bottom } = element.getBoundingClientRect();
        return box !== undefined && top >= box.top && bottom <= box.bottom;
      }),
    )
    .toBe(true);
  await page.getByTestId("search-box").press("Escape");
});

test("FE-04 a deleted conversation comes back by Undo", async () => {
  const title = `Gone ${Date.now()}`;
  const id = await create(title);
  await page.goto(`${environment.url}/`);
  const row = rows().filter({ hasText: title });
  await row.hover();
  await row.getByRole("button").click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await row.waitFor({ state: "detached" });
  const undo = page.locator("li", { hasText: title }).getByRole("button", { name: "Undo" });
  await undo.waitFor();
  expect((await page.request.get(`${api}/${id}`)).status()).toBe(404);
  await undo.click();
  await row.waitFor();
  expect((await page.request.get(`${api}/${id}`)).status()).toBe(200);
});
