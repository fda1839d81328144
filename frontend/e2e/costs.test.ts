import { expect, test } from "vitest";
import { picture } from "./browser";
import { begin, say, waitForRun } from "./conversation";
import { environment } from "./environment";
import { page } from "./fixture";

const turnCost = () => page.getByTestId("turn-cost");

/** What the meter says that the conversation has cost. */
async function costOfAll(): Promise<string> {
  await page.getByTestId("context-meter").click();
  const figures = page.getByRole("dialog").locator("dl");
  const words = await figures
    .locator("dt", { hasText: /^Cost$/ })
    .locator("+ dd")
    .innerText();
  await page.keyboard.press("Escape");
  return words;
}

test("what a flat plan includes reads so, and has an amount again from when the plan is over", async () => {
  const providers = `${environment.url}/settings#models`;
  const form = page.getByTestId("provider-form");
  const plan = form.getByLabel("A subscription includes what its models use");
  const edit = page.getByRole("button", { name: "Edit" });
  const row = page.getByRole("listitem").filter({ has: edit, hasText: "DeepSeek" });
  try {
    await page.goto(providers);
    await page.getByRole("button", { name: "Add a model" }).click();
    await page.locator("[data-testid=preset][data-profile=deepseek]").click();
    await form.getByLabel("API key").fill(environment.providerKey);
    // A model whose price is known.
    await form.getByLabel(/^Model/).fill("deepseek-v4-pro");
    await form.getByLabel("Base URL").fill(environment.providerUrl);
    await plan.check();
    await page.getByTestId("provider-save").click();
    await row.getByText("Flat plan").waitFor();
    await picture(page, "flat-plan");
    await row.getByRole("button", { name: "Make default" }).click();
    await row.getByText("default", { exact: true }).waitFor();

    await begin(page, "Please name your price.");
    await waitForRun(page, "done");
    await turnCost().getByText("This turn: 6.1k tokens, included", { exact: true }).waitFor();
    await expect.poll(() => costOfAll()).toBe("included");
    const included = page.url();

    await page.goto(providers);
    await row.getByRole("button", { name: "Edit" }).click();
    await expect.poll(() => plan.isChecked()).toBe(true);
    await plan.uncheck();
    await page.getByTestId("provider-save").click();
    await row.getByText("Flat plan").waitFor({ state: "detached" });
    await begin(page, "Please name your price.");
    await waitForRun(page, "done");
    await turnCost()
      .getByText(/^This turn: 6\.1k tokens, \$0\.00\d+$/)
      .waitFor();
    await expect.poll(() => costOfAll()).toMatch(/^\$0\.00\d+$/);
    // What was included then stays so.
    await page.goto(included);
    await turnCost().getByText("This turn: 6.1k tokens, included", { exact: true }).waitFor();
  } finally {
    const headers = { origin: environment.url };
    await page.request.delete(`${environment.url}/api/v1/providers/deepseek`, { headers });
  }
});

test("of a budget that is nearly used up the person is told in the timeline, once", async () => {
  const notices = page.getByTestId("notice");
  /** Says something whose answer has been given `times` times when it is answered. */
  const turn = async (text: string, answer: string, times = 1) => {
    await say(page, text);
    const answers = page.getByTestId("part-text").getByText(answer);
    await expect.poll(() => answers.count()).toBe(times);
    await waitForRun(page, "done");
  };
  await begin(page, "Please say what I see.");
  await waitForRun(page, "done");
  await page.getByTestId("context-meter").click();
  await page.getByRole("button", { name: "Limits…" }).click();
  const limits = page.getByRole("dialog", { name: "Limits of this conversation" });
  await limits.getByRole("group", { name: "All runs together" }).getByLabel("Tokens").fill("200000");
  await limits.getByRole("button", { name: "Save" }).click();
  await limits.waitFor({ state: "detached" });
  await page.keyboard.press("Escape");

  // With the 4040 tokens of the first turn this is one token less than four fifths.
  await turn("Please spend a lot.", "Much is spent.");
  expect(await notices.count()).toBe(0);
  await turn("Please say what I see.", "This was seen.", 2);
  const words =
    "The conversation has used 164039 of 200000 tokens. At the limit it pauses and nothing is lost.";
  const warning = notices.and(page.locator("[data-level=warning]")).getByText(words);
  await warning.waitFor();
  await picture(page, "near-budget");
  await turn("Please say what I see.", "This was seen.", 3);
  await expect.poll(() => notices.count()).toBe(1);
  await page.reload();
  await warning.waitFor();
  expect(await notices.count()).toBe(1);
});
