import { playDesktop } from "../desktop";
import { PRINTED, playShell, SHELL, STREAM } from "../shell";
import type { State } from "../states";
import { instance, shown } from "./app";

/** The panel's tabs with something in them. */
export const PANES: Record<string, State> = {
  changes: { path: "/c/conv_demo?panel=changes", ready: "[data-testid=file-diff] .tok-keyword" },
  "changes side by side": {
    path: "/c/conv_demo?panel=changes",
    ready: "[data-testid=file-diff] .tok-keyword",
    // A phone does not offer it, but a narrow window may have been a wide one before.
    act: async (page) => {
      await page.evaluate(() => localStorage.setItem("slipway.splitDiff", "yes"));
      await page.reload();
    },
  },
  "a comment on a change": {
    path: "/c/conv_demo?panel=changes",
    ready: "[data-testid=comments-bar]",
    act: async (page) => {
      await page
        .getByRole("button", { name: /^Comment on line \d/ })
        .first()
        .click();
      await page.getByTestId("line-comment").getByRole("textbox").fill("Why?");
    },
  },
  files: { path: "/c/conv_demo?panel=files", ready: "[role=treeitem]" },
  "an open file": {
    path: "/c/conv_demo?panel=files&file=demo-timer/countdown.py",
    ready: "[data-testid=file-view] .cm-line:has-text('class Countdown')",
  },
  "finding a file": {
    path: "/c/conv_demo",
    ready: "[data-testid=quick-open] [role=option]",
    set: (on) => on.answers.set("/workspace/find", { paths: ["src/upload.rs", "README.md"], more: 0 }),
    act: async (page) => {
      await shown(page);
      await page.keyboard.press("Control+p");
    },
  },
  terminal: { path: "/c/conv_demo?panel=terminal", ready: "[data-testid=terminal-command]" },
  "a shell": {
    path: "/c/conv_demo?panel=terminal",
    ready: "[data-testid=shell][data-state=connected] .xterm-rows :text('FAILED')",
    set: (on) => on.sockets.set(STREAM, (socket) => playShell(socket, SHELL, PRINTED)),
    act: (page) => page.getByRole("tab", { name: "Server" }).click(),
  },
  "a shell that is away": {
    path: "/c/conv_demo?panel=terminal",
    ready: "[data-testid=shell][data-state=reconnecting] .xterm-rows",
    act: (page) => page.getByRole("tab", { name: "Server" }).click(),
  },
  processes: {
    path: "/c/conv_demo?panel=terminal",
    ready: "[data-testid=process-log]",
    act: async (page) => {
      await page.getByRole("tab", { name: "Processes" }).click();
      await page.getByRole("button", { name: "Output" }).first().click();
    },
  },
  "the desktop": {
    path: "/c/conv_demo?panel=desktop",
    ready: "[data-testid=panel-desktop][data-state=connected] canvas",
    set: (on) => on.sockets.set("/desktop", playDesktop),
  },
  context: { path: "/c/conv_work?panel=context", ready: "[data-testid=panel-context] li" },
  ports: { path: "/c/conv_demo?panel=ports", ready: "[data-testid=panel-ports]" },
  "a preview": {
    path: "/c/conv_demo?panel=ports",
    ready: "[data-testid=preview-frame][data-loaded=true]",
    set: (on) => {
      const { sandbox } = on.answers.get("/instance") as { sandbox: object };
      instance(on, {
        sandbox: { ...sandbox, ports: [{ port: 5173, process_id: "p1", command: "npm run dev" }] },
      });
      on.answers.set("/ports/5173/preview/frame", { address: `${on.url}/icon.svg` });
    },
  },
};
