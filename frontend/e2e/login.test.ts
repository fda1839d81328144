import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Session } from "./browser";
import { begin, say, waitForRun } from "./conversation";
import { environment } from "./environment";

let owner: Session;
let theirs: Session;
let settings: Page;
let page: Page;

beforeAll(async () => {
  owner = await Session.start();
});

beforeEach(async () => {
  owner.faults.length = 0;
  settings = await owner.page();
  await settings.goto(`${environment.url}/settings`);
  theirs = await Session.startSignedOut();
  page = await theirs.page();
});

afterEach(async ({ task }) => {
  await owner.tellIfFailed(task);
  await theirs.tellIfFailed(task);
  await theirs.end();
  await settings.close();
});

afterAll(() => owner.end());

/** Adds a person in the settings; gives the password that is told there once. */
async function add(name: string, role: string): Promise<string> {
  const people = settings.getByTestId("people");
  await people.getByLabel("Name of the new person").fill(name);
  await people.getByLabel("Role", { exact: true }).selectOption(role);
  await people.getByRole("button", { name: "Add", exact: true }).click();
  const told = people.getByRole("status").filter({ hasText: `Password of ${name}` });
  return told.locator("code").innerText();
}

async function remove(name: string): Promise<void> {
  const person = settings.getByTestId("people").getByRole("listitem", { name });
  await person.getByRole("button", { name: "Remove" }).click();
  await settings.getByRole("button", { name: "Delete conversations" }).click();
  await person.waitFor({ state: "detached" });
}

async function logIn(name: string, password: string): Promise<void> {
  await page.goto(`${environment.url}/login`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** What went wrong in their browser besides refusals with this status; the login page has no icon. */
const faultsBut = (status: number) =>
  theirs.faults.filter(
    (fault) => !fault.startsWith(`${status} `) && !/Failed to load resource|favicon/.test(fault),
  );

const isKnown = async () => (await page.request.get(`${environment.url}/api/v1/account`)).status() === 200;

test("people log in with name and password, a wrong password says so, and logging out ends it", async () => {
  const password = await add("Max", "member");
  await logIn("Max", "not the password");
  await page.getByText("This name and password do not fit").waitFor();
  await page.getByLabel("Password").waitFor();
  expect(await isKnown()).toBe(false);

  await logIn("Max", password);
  await page.getByTestId("composer").waitFor();
  expect(await isKnown()).toBe(true);
  await page.goto(`${environment.url}/settings`);
  await page.getByTestId("account").getByText("You are Max, member.").waitFor();
  expect(await page.getByTestId("people").count()).toBe(0);
  await page.getByTestId("log-out").click();
  await page.waitForURL(`${environment.url}/`);
  await page.getByRole("heading", { name: /not logged in|signed out/i }).waitFor();
  expect(await isKnown()).toBe(false);
  // The refused password, and what was asked for after logging out.
  expect(faultsBut(401)).toEqual([]);

  await remove("Max");
  expect(owner.faults).toEqual([]);
});

test("a viewer is shown no settings of the instance, and what they may not send stays written", async () => {
  const password = await add("Vera", "viewer");
  await logIn("Vera", password);
  await page.getByTestId("composer").waitFor();
  await page.goto(`${environment.url}/settings`);
  await page.getByTestId("account").getByText("You are Vera, viewer.").waitFor();
  const titles = await page.getByRole("heading", { level: 2 }).allInnerTexts();
  expect(titles).toContain("Account");
  for (const title of ["Models and keys", "People", "Your own keys", "Workspaces", "Webhooks"]) {
    expect(titles).not.toContain(title);
  }
  // The login page itself is an answer to somebody unknown.
  expect(faultsBut(401)).toEqual([]);
  theirs.faults.length = 0;

  await page.goto(`${environment.url}/`);
  await say(page, "May I?");
  await page.getByRole("alert").first().waitFor();
  await expect.poll(() => page.getByTestId("composer").getByRole("textbox").inputValue()).toBe("May I?");
  expect(faultsBut(403)).toEqual([]);

  await remove("Vera");
  expect(owner.faults).toEqual([]);
});

test("who only looks from now on sees what is pinned for the model, and is offered no change of it", async () => {
  const password = await add("Petra", "member");
  await logIn("Petra", password);
  await page.getByTestId("composer").waitFor();
  await begin(page, "Please keep one copy of it.");
  await waitForRun(page, "done");
  const id = new URL(page.url()).pathname.slice("/c/".length);
  await page.goto(`${environment.url}/c/${id}?panel=context`);
  const file = page.locator("[data-testid=context-file][data-path='context/kept.txt']");
  const pinned = file.and(page.locator("[data-pinned=true]"));
  await file.getByRole("button", { name: "Pin context/kept.txt for the model" }).click();
  await pinned.waitFor();

  await settings.getByTestId("people").getByLabel("Role of Petra").selectOption("viewer");
  const role = async () => {
    const answer = await page.request.get(`${environment.url}/api/v1/account`);
    return ((await answer.json()) as { account: { role: string } }).account.role;
  };
  await expect.poll(role).toBe("viewer");
  await page.reload();
  await pinned.getByText("pinned", { exact: true }).waitFor();
  await expect.poll(() => file.getByRole("button").count()).toBe(0);
  const refused = await page.request.post(`${environment.url}/api/v1/conversations/${id}/context/pin`, {
    headers: { origin: environment.url },
    data: { path: "context/kept.txt", pinned: false },
  });
  expect(refused.status()).toBe(403);
  expect(faultsBut(401)).toEqual([]);

  await remove("Petra");
  expect(owner.faults).toEqual([]);
});
