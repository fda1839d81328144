import { expect, test } from "vitest";
import { picture, Session } from "./browser";
import { begin, card, unfold, waitForRun } from "./conversation";
import { BLUE, pixelsOf, showDesktop, waitForPixels } from "./desktop";
import { environment } from "./environment";
import { page, session } from "./fixture";

test("a task shows its edit as a diff and its command with output and exit code", async () => {
  await begin(page, "Please make and edit a file.");
  await waitForRun(page, "done");

  const edit = card(page, "edit_file");
  await expect.poll(() => edit.getAttribute("data-status")).toBe("ok");
  await unfold(edit);
  const diff = await edit.getByTestId("diff").innerText();
  expect(diff).toContain("two");

  const command = card(page, "run_terminal_command");
  await command
    .getByText(/exit 3/)
    .first()
    .waitFor();
  await unfold(command);
  await expect.poll(() => command.getByTestId("tool-output").innerText()).toContain("three");
  await expect.poll(() => page.getByTestId("timeline").innerText()).toContain("The file is made and edited.");
});

test("a reload in the middle of an answer loses and doubles nothing", async () => {
  await begin(page, "Give me a long answer.");
  await page
    .getByTestId("part-text")
    .getByText(/The keel is/)
    .waitFor();
  await page.reload();
  await waitForRun(page, "done");
  await page.getByTestId("part-text").getByText("Ende gut, alles gut.").waitFor();
  const text = await page.getByTestId("part-text").innerText();
  for (const once of ["Slipways slope", "The keel is", "grease", "Drag chains", "完了しました"]) {
    expect(text.split(once), once).toHaveLength(2);
  }
  expect(await page.getByTestId("turn-user").count()).toBe(1);
});

test("stop ends the run and says so", async () => {
  await begin(page, "Now sleep for long.");
  await card(page, "run_terminal_command").and(page.locator("[data-status=running]")).waitFor();
  await page.getByTestId("stop").click();
  await waitForRun(page, "stopped", 5_000);
  await expect.poll(() => card(page, "run_terminal_command").getAttribute("data-status")).toBe("stopped");
  await page.getByTestId("continue").waitFor();
});

test("what is sent while a run goes on waits in the queue", async () => {
  await begin(page, "Now sleep for long.");
  await card(page, "run_terminal_command").and(page.locator("[data-status=running]")).waitFor();
  const box = page.getByTestId("composer").getByRole("textbox");
  await box.fill("hello");
  await page.getByTestId("send").first().click();
  await page.getByTestId("queue").getByText("hello").waitFor();
  await page.getByTestId("stop").click();
  await waitForRun(page, "stopped", 5_000);
  await page.getByTestId("queue").getByText("hello").waitFor();
});

test("FE-69 a window opened by the agent is seen in the pane and on the page of its own", async () => {
  await begin(page, "Give me a hello, please: hello");
  await waitForRun(page, "done");
  await showDesktop(page);
  await page.locator("[data-testid=panel-desktop][data-state=connected]").waitFor();
  const before = await pixelsOf(page, BLUE);

  const other = await session.page();
  await begin(other, "Please open a window.");
  await waitForRun(other, "done");
  await other.close();
  const after = await waitForPixels(page, BLUE, before + 20_000);
  expect(after).toBeGreaterThan(before);
  await picture(page, "desktop-pane");

  const alone = await session.page();
  await alone.goto(environment.desktopUrl);
  await waitForPixels(alone, BLUE, 20_000);

  // One login for both, and one who drives.
  await page.getByRole("button", { name: "Take control" }).click();
  await page.locator("[data-testid=panel-desktop][data-driver=you]").waitFor();
  await alone.locator("[data-testid=panel-desktop][data-driver=person]").waitFor();
  await alone.getByRole("button", { name: "Give back" }).click();
  await page.locator("[data-testid=panel-desktop][data-driver=agent]").waitFor();
  await alone.close();
});

test("a stranger gets nothing", async () => {
  const stranger = await Session.startSignedOut();
  const theirs = await stranger.page();
  const answer = await theirs.goto(`${environment.url}/`);
  expect(answer?.status()).toBe(401);
  expect(await theirs.innerText("body")).toContain("slipway open");
  const api = await theirs.request.get(`${environment.url}/api/v1/conversations`);
  expect(api.status()).toBe(401);
  const desktop = await theirs.goto(environment.desktopUrl);
  expect(desktop?.status()).toBe(401);
  await stranger.end();
});

test("a plan is shown, and a question is answered in either window with the keyboard alone", async () => {
  await begin(page, "Now plan and ask.");
  await waitForRun(page, "waiting_user");
  const second = await session.page();
  await second.goto(page.url());
  await expect.poll(() => page.getByTestId("plan").innerText()).toContain("0 of 2");
  await expect.poll(() => page.title()).toContain("▲");
  await expect.poll(() => card(page, "ask_user").innerText()).toContain("waiting for you");

  const dock = page.getByTestId("question-dock");
  await second.getByTestId("question-dock").waitFor();
  await dock.getByLabel("red").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await waitForRun(page, "done");
  await dock.waitFor({ state: "detached" });
  await second.getByTestId("question-dock").waitFor({ state: "detached" });
  await expect.poll(() => card(page, "ask_user").innerText()).toContain("You chose blue");
  await expect.poll(() => page.getByTestId("plan").innerText()).toContain("2 of 2");
  await expect.poll(() => page.getByTestId("timeline").innerText()).toContain("The shed is painted.");
  await second.close();
});

test("one of two sub-agents is stopped in its card while the other reports, and both are kept", async () => {
  await begin(page, "Please delegate a watch.");
  const [watch, look] = [card(page, "subagent"), card(page, "subagent", 1)];
  await look.and(page.locator("[data-status=ok]")).waitFor();
  expect(await watch.getAttribute("data-status")).toBe("running");
  await watch.getByRole("button").first().click();
  // Streamed under the parent's call: what it has done, and what it is about to say.
  await watch.getByText("I keep looking.", { exact: true }).waitFor();
  await watch.locator("[data-tool=list_directory][data-status=ok]").waitFor();
  await watch.getByText(/Slipways slope/).waitFor();
  expect(await page.getByTestId("run-state").getAttribute("data-status")).toBe("running");
  await picture(page, "sub-agents");
  await watch.getByRole("button", { name: "Stop this sub-agent" }).click();
  await watch.and(page.locator("[data-status=stopped]")).waitFor();
  await waitForRun(page, "done");

  for (const reload of [false, true]) {
    if (reload) {
      await page.reload();
      await waitForRun(page, "done");
      await unfold(watch);
    }
    await watch.getByText("I keep looking.", { exact: true }).waitFor();
    await watch.getByText("The person stopped the sub-agent before it was done.").waitFor();
    expect(await watch.getByRole("button", { name: "Stop this sub-agent" }).count()).toBe(0);
    await expect.poll(() => look.getByTestId("tool-hint").first().innerText()).toBe("2 steps · 15.2k tokens");
    await look.getByRole("button").first().click();
    await look.getByText("Report of the look.").first().waitFor();
    await page.getByTestId("timeline").getByText("One was stopped, the other has reported.").waitFor();
    if (!reload) await look.getByRole("button").first().click();
  }

  // What they consumed counts to the conversation: two steps of its own, two of each of them.
  const id = new URL(page.url()).pathname.split("/").at(-1);
  const answer = await page.request.get(`${environment.url}/api/v1/conversations/${id}/budget`);
  const { spent } = (await answer.json()).conversation;
  expect(spent.steps).toBe(6);
  expect(spent.tokens).toBeGreaterThan(15_150);
});

test("what sub-agents do is shown in their cards, while they work and after a reload", async () => {
  await begin(page, "Please delegate the search.");
  await waitForRun(page, "done");
  await expect.poll(() => page.getByTestId("timeline").innerText()).toContain("Both have reported.");
  expect(await page.getByTestId("timeline").innerText()).not.toContain("I look around.");
  for (const reload of [false, true]) {
    if (reload) {
      await page.reload();
      await waitForRun(page, "done");
    }
    const first = card(page, "subagent");
    await unfold(first);
    await first.getByText("I look around.").waitFor();
    await first.locator("[data-tool=list_directory]").waitFor();
    await expect.poll(() => first.innerText()).toContain("Report one.");
    expect(await first.innerText()).not.toContain("Report two.");
  }
});
