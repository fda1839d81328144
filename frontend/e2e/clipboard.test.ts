import { execFileSync, spawn } from "node:child_process";
import { expect, test } from "vitest";
import { begin, waitForRun } from "./conversation";
import { showDesktop } from "./desktop";
import { environment } from "./environment";
import { page } from "./fixture";

/** Arguments of `docker` for a Python program that works with the desktop's clipboard. */
const onDesktop = (program: string) => {
  const script = `DISPLAY=:$(ls /tmp/.X11-unix | tr -d X | head -n 1) exec python3 -c "$0"`;
  const tk = `import tkinter\nroot = tkinter.Tk()\nroot.withdraw()\n${program}`;
  return ["exec", environment.sandbox, "sh", "-c", script, tk];
};

test("text goes to the desktop's clipboard and comes from there, whatever its letters", async () => {
  await begin(page, "Give me a hello, please: hello");
  await waitForRun(page, "done");
  await showDesktop(page);
  const panel = page.getByTestId("panel-desktop");
  await panel.and(page.locator("[data-state=connected]")).waitFor();

  // Connected as one who only looks, and in control only then.
  await page.getByRole("button", { name: "Take control" }).click();
  await panel.and(page.locator("[data-driver=you]")).waitFor();
  await panel.getByRole("button", { name: "Clipboard" }).click();
  const text = page.getByRole("textbox", { name: "Clipboard of the desktop" });
  await text.fill("zum Desktop: Grüße, 世界");
  await page.getByRole("button", { name: "Send to the desktop" }).click();
  const read = onDesktop("print(root.clipboard_get())");
  const there = () => execFileSync("docker", read, { encoding: "utf8" }).trim();
  await expect.poll(there, { timeout: 20_000 }).toBe("zum Desktop: Grüße, 世界");

  const copying = spawn(
    "docker",
    onDesktop(
      "root.clipboard_clear()\nroot.clipboard_append('vom Desktop: Grüße, 世界')\nroot.after(30000, root.destroy)\nroot.mainloop()",
    ),
  );
  await expect.poll(() => text.inputValue(), { timeout: 20_000 }).toBe("vom Desktop: Grüße, 世界");
  copying.kill();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Give back" }).click();
  await panel.and(page.locator("[data-driver=agent]")).waitFor();
});
