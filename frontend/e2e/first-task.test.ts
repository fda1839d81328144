import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { picture } from "./browser";
import { waitForRun } from "./conversation";
import { environment } from "./environment";
import { page } from "./fixture";
import { inSandbox } from "./sandbox";

const step = (name: string, state: string) =>
  page.locator(`[data-testid=setup-step][data-step=${name}][data-state=${state}]`);

/** A repository that a server in the sandbox offers. */
const REPOSITORY = "http://127.0.0.1:8127/boathouse.git";

function serveRepository(): void {
  inSandbox(
    `mkdir /tmp/served && cd /tmp/served && git init -q work && cd work && echo 'two oars of ash' > oars.txt &&
     git add -A && git -c user.name=a -c user.email=a@b commit -qm begun && cd .. &&
     git clone -q --bare work boathouse.git && git -C boathouse.git update-server-info &&
     (setsid python3 -m http.server 8127 --bind 127.0.0.1 > /dev/null 2>&1 & echo $! > pid) &&
     curl -sf --retry 20 --retry-connrefused -o /dev/null ${REPOSITORY}/HEAD`,
  );
}

test("a model is added, a repository cloned, files are uploaded, and a first task looks at them", async () => {
  await page.goto(`${environment.url}/`);
  await page.waitForURL(/\/setup$/);
  await step("model", "todo").waitFor();
  expect(await page.getByTestId("first-task").count()).toBe(0);
  await page.getByTestId("preset").last().click();
  const form = page.getByTestId("provider-form");
  await form.getByLabel("Base URL").fill(environment.providerUrl);
  await form.getByLabel(/^Model/).fill("scripted");
  await form.getByLabel(/API key/).fill(environment.providerKey);
  await page.getByTestId("provider-test").click();
  await page.locator("[data-testid=provider-test-result][data-result=works]").waitFor();
  await page.getByTestId("provider-save").click();
  await step("model", "done")
    .getByText(/^scripted of .* answers new conversations\.$/)
    .waitFor();

  const empty = step("workspace", "todo");
  await empty.getByText("Default is empty.").waitFor();
  await expect.poll(() => empty.getAttribute("aria-current")).toBe("step");
  serveRepository();
  await empty.getByRole("button", { name: "Clone a repository…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Address of the repository").fill(REPOSITORY);
  await dialog.getByRole("button", { name: "Clone", exact: true }).click();
  const filled = step("workspace", "done");
  await filled.getByText("Default holds 1 file or folder.").waitFor();
  await filled
    .getByTestId("clones")
    .locator("[data-state=done]")
    .getByText(`${REPOSITORY} → boathouse`)
    .waitFor();
  inSandbox("kill $(cat /tmp/served/pid)");

  const folder = join(mkdtempSync(join(tmpdir(), "slipway-e2e-")), "sails");
  mkdirSync(join(folder, "cloth"), { recursive: true });
  writeFileSync(join(folder, "plan.txt"), "brought by the person\n");
  writeFileSync(join(folder, "cloth", "weights.txt"), "300 g\n");
  await filled.getByTestId("upload-folder").setInputFiles(folder);
  await filled.getByTestId("uploads").getByText("2 of 2 uploaded").waitFor();
  await filled.getByText("Default holds 2 files and folders.").waitFor();
  await filled.getByTestId("upload-files").setInputFiles(join(folder, "plan.txt"));
  await filled.getByText("Default holds 3 files and folders.").waitFor();
  await picture(page, "setup-filled");

  await expect.poll(() => step("task", "todo").getAttribute("aria-current")).toBe("step");
  await page.getByTestId("first-task").click();
  await page.waitForURL(/\/c\//);
  await waitForRun(page, "done");
  // The script says so only if it was told of all of them.
  await page.getByTestId("part-text").getByText("There are oars, and a plan of sails.").waitFor();

  // The set-up is over: nobody is led there any more.
  await page.goto(`${environment.url}/`);
  await page.getByTestId("composer").waitFor();
  expect(new URL(page.url()).pathname).toBe("/");
});
