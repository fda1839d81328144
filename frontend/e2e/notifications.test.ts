import { expect, test } from "vitest";
import { environment } from "./environment";
import { page } from "./fixture";

const headers = { origin: environment.url };
const api = `${environment.url}/api/v1`;

/** Has a conversation work that the page does not look at; gives its id. */
async function elsewhere(text: string): Promise<string> {
  const made = await page.request.post(`${api}/conversations`, { headers, data: {} });
  const { id } = (await made.json()) as { id: string };
  // Only what was seen under way is news.
  await page.getByTestId("sidebar").locator(`a[href*="${id}"]`).waitFor();
  const message = { client_id: id, text, mode: "queue", attachments: [] };
  const sent = await page.request.post(`${api}/conversations/${id}/messages`, { headers, data: message });
  expect(sent.status()).toBe(202);
  return id;
}

/** Remembers every message at the edge of the page, however soon it goes. */
const remember = () =>
  page.evaluate(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    new MutationObserver((changes) => {
      for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
        if (node instanceof HTMLElement && node.matches("li") && node.closest("ol"))
          told.push(node.innerText);
      }
    }).observe(document.body, { childList: true, subtree: true });
  });
const told = () => page.evaluate(() => (window as unknown as { told: string[] }).told.join("\n"));

async function choose(labels: Record<string, boolean>): Promise<void> {
  await page.goto(`${environment.url}/settings`);
  for (const [label, wanted] of Object.entries(labels)) {
    await page.getByLabel(label, { exact: true }).setChecked(wanted);
  }
  await remember();
}

test("FE-85 of what happens elsewhere only that is told which was chosen", async () => {
  await choose({ "is done": false, "needs me": true });
  await elsewhere("hello, kept quiet");
  const asking = await elsewhere("Now plan and ask, and be heard.");
  await expect.poll(told).toContain("needs you");
  await expect.poll(() => page.title()).toMatch(/^\(\d+\) ▲ /);
  // Begun before, and much shorter: it has long been done.
  const row = page.getByTestId("conversation-row").filter({ hasText: "kept quiet" });
  await row.first().getByLabel("Done").or(row.first().getByTitle("Done")).first().waitFor();
  expect(await told()).not.toContain("kept quiet");

  await choose({ "is done": true, "needs me": false });
  const silent = await elsewhere("Now plan and ask, unheard.");
  const waits = page.getByTestId("conversation-row").filter({ hasText: "unheard" }).first();
  await waits.getByLabel("Needs an answer").or(waits.getByTitle("Needs an answer")).first().waitFor();
  await elsewhere("hello, told aloud");
  await expect.poll(told).toContain("told aloud");
  expect(await told()).not.toContain("unheard");

  for (const id of [asking, silent]) {
    await page.request.post(`${api}/conversations/${id}/stop`, { headers, data: {} });
    await page.request.delete(`${api}/conversations/${id}`, { headers });
  }
  await choose({ "needs me": true });
});
