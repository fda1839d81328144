import { expect, test } from "vitest";
import { picture } from "./browser";
import { environment } from "./environment";
import { page } from "./fixture";
import { inSandbox } from "./sandbox";

const panel = () => page.getByTestId("panel-changes");
const file = (path: string) => panel().locator(`[data-testid=changed-file][data-path="${path}"]`);
/** Not as the owner of the workspace. */
const git = "git -c safe.directory=* -c user.name=T -c user.email=t@example.com -c init.defaultBranch=main";

/** Posts to the gateway as the page does, and gives what it answers. */
const post = (path: string, body: unknown): Promise<{ id: string }> =>
  page.evaluate(
    async ([path, body]) => {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(`/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      return answer.json();
    },
    [path, body] as const,
  );

test("what is not committed is shown, whoever changed it, and follows git", async () => {
  await page.goto(`${environment.url}/`);
  const workspace = await post("/workspaces", { name: "Uncommitted" });
  const directory = `/workspaces/${workspace.id}`;
  const conversation = await post("/conversations", { workspace_id: workspace.id });
  await page.goto(`${environment.url}/c/${conversation.id}?panel=changes`);
  await panel().getByRole("button", { name: "Uncommitted" }).click();
  await panel()
    .getByText(/There is no git repository/)
    .waitFor();

  inSandbox(
    `cd ${directory} && ${git} init -q && printf 'one\\ntwo\\n' > kept.txt && echo '*.log' > .gitignore && ` +
      `${git} add -A && ${git} commit -qm first && printf 'one\\n2\\n' > kept.txt && ` +
      "printf 'fresh\\n' > new.txt && echo noise > noise.log",
  );
  await panel().getByTestId("look-again").click();
  await panel().getByText("Compared with the last commit on main").waitFor();
  await panel().getByText("2 files changed").waitFor();
  await file("kept.txt").getByTestId("hunk").waitFor();
  const lines = await file("kept.txt").innerText();
  expect(lines).toContain("two");
  expect(lines).toContain("2");
  await file("new.txt").getByText("fresh").waitFor();
  await picture(page, "uncommitted");

  // Nothing is undone there, for nobody could bring it back.
  expect(await panel().getByTestId("restore").count()).toBe(0);
  expect(await panel().getByRole("button", { name: /Undo/ }).count()).toBe(0);

  await file("kept.txt")
    .getByRole("button", { name: /Comment on this change/ })
    .click();
  await panel()
    .getByRole("textbox", { name: /Comment on line 2/ })
    .fill("Please spell it.");
  await panel().getByRole("button", { name: "Send 1 comment" }).waitFor();

  // A commit is noticed without a click.
  inSandbox(`cd ${directory} && ${git} checkout -qb side && ${git} commit -qam second`);
  await panel().getByText("Compared with the last commit on side").waitFor();
  await panel().getByText("1 file changed").waitFor();
});

test("a conflict is told, and so is a repository that git cannot read", async () => {
  await page.goto(`${environment.url}/`);
  const workspace = await post("/workspaces", { name: "Conflict" });
  const directory = `/workspaces/${workspace.id}`;
  const conversation = await post("/conversations", { workspace_id: workspace.id });
  inSandbox(
    `mkdir -p ${directory}/app ${directory}/broken/.git && cd ${directory}/app && ${git} init -q && ` +
      `echo base > a.txt && ${git} add -A && ${git} commit -qm base && ${git} checkout -qb side && ` +
      `echo side > a.txt && ${git} commit -qam side && ${git} checkout -q main && ` +
      `echo main > a.txt && ${git} commit -qam main && (${git} merge -q side || true)`,
  );
  await page.goto(`${environment.url}/c/${conversation.id}?panel=changes`);
  await panel().getByRole("button", { name: "Uncommitted" }).click();
  await panel()
    .getByText(/app · Compared with the last commit on main · a merge is going on/)
    .waitFor();
  await panel().getByText("1 file is in conflict.").waitFor();
  await file("app/a.txt").getByText("in conflict").waitFor();
  await panel().getByText("Git tells nothing of broken").waitFor();
});
