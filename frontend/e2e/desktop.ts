import type { Page } from "playwright-core";

/** The blue that the test programs paint, as red, green and blue. */
export const BLUE: readonly [number, number, number] = [0x2f, 0x55, 0xc8];

/** How many pixels of the desktop's canvas are (nearly) of a colour. */
export async function pixelsOf(page: Page, colour: readonly [number, number, number]): Promise<number> {
  return page.evaluate(
    ([red, green, blue]) => {
      const canvas = document.querySelector("canvas");
      const drawing = canvas?.getContext("2d");
      if (!canvas || !drawing || canvas.width === 0) return 0;
      const { data } = drawing.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        const near = (value: number, offset: number) => Math.abs((data[at + offset] ?? 0) - value) < 12;
        if (near(red, 0) && near(green, 1) && near(blue, 2)) count += 1;
      }
      return count;
    },
    [...colour] as [number, number, number],
  );
}

/** Waits until at least `least` pixels of the desktop are of a colour; returns how many. */
export async function waitForPixels(
  page: Page,
  colour: readonly [number, number, number],
  least: number,
): Promise<number> {
  const until = Date.now() + 30_000;
  for (;;) {
    const count = await pixelsOf(page, colour);
    if (count >= least) return count;
    if (Date.now() > until) throw new Error(`only ${count} pixels of ${colour}, ${least} were expected`);
    await page.waitForTimeout(100);
  }
}

/** Opens the side panel's desktop, unless it is open; the conversation must be shown. */
export async function showDesktop(page: Page): Promise<void> {
  const panel = page.getByTestId("panel-desktop");
  const side = page.getByRole("complementary", { name: "Side panel" });
  if (!(await side.isVisible())) await page.getByRole("button", { name: "Side panel" }).click();
  const tab = page.getByRole("tab", { name: "Desktop" });
  await tab.waitFor();
  // A click on the tab that is open closes it.
  if ((await tab.getAttribute("aria-selected")) !== "true") await tab.click();
  await panel.waitFor();
}
