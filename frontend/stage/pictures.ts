import { join } from "node:path";
import { launch, newPage, PHONE, SCREEN } from "./browser";
import { Stage } from "./gateway";
import { fill } from "./scenes";

/** Where the README finds them. */
const IMAGES = join(import.meta.dirname, "../../docs/images");

interface Picture {
  path: string;
  ready: string;
  phone?: true;
  theme: "light" | "dark";
}

const PICTURES: Record<string, Picture> = {
  run: { path: "/c/conv_work?panel=none", ready: ".tok-keyword", theme: "light" },
  changes: {
    path: "/c/conv_demo?panel=changes",
    ready: "[data-testid=file-diff] .tok-keyword",
    theme: "dark",
  },
  phone: { path: "/c/conv_work?panel=none", ready: ".tok-keyword", theme: "dark", phone: true },
};

/** Takes the pictures of the README from the built UI: `npm run pictures`. */
export async function takePictures(): Promise<void> {
  const stage = await Stage.start();
  fill(stage);
  const browser = await launch();
  for (const [name, { path, ready, phone, theme }] of Object.entries(PICTURES)) {
    const page = await newPage(browser, {
      viewport: phone ? PHONE : SCREEN,
      colorScheme: theme,
      reducedMotion: "reduce",
    });
    await page.goto(stage.url + path);
    await page.locator(ready).first().waitFor();
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(IMAGES, `${name}.png`) });
    await page.context().close();
  }
  await browser.close();
  await stage.end();
}
