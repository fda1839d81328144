import { NOTHING_NEXT } from "../gateway";
import type { State } from "../states";
import { instance, search, shown } from "./app";

const DEMO = "/conversations/conv_demo";

/** A pane whose answer is a problem. */
const fails = (pane: string, path: string): State => ({
  path: `/c/conv_demo?panel=${pane}`,
  ready: `[data-testid=panel-${pane}] :text("This could not be answered")`,
  set: (on) => on.refused.set(path, 500),
});

/** A pane that nothing has been answered to yet. */
const waits = (pane: string, path: string): State => ({
  path: `/c/conv_demo?panel=${pane}`,
  ready: `[data-testid=panel-${pane}]`,
  set: (on) => on.held.add(path),
});

/** A pane that has nothing to show. */
const empty = (pane: string, path: string, answer: unknown): State => ({
  path: `/c/conv_demo?panel=${pane}`,
  ready: `[data-testid=panel-${pane}]`,
  set: (on) => on.answers.set(path, answer),
});

/** A pane while there is no sandbox. */
const detached = (pane: string): State => ({
  path: `/c/conv_demo?panel=${pane}`,
  ready: `[data-testid=panel-${pane}]`,
  set: (on) => instance(on, { sandbox: { attached: false } }),
});

/** What has nothing to show. */
const EMPTY: Record<string, State> = {
  "no changes": empty("changes", `${DEMO}/changes`, { from: "cp_1", to: "cp_1", total: 0, files: [] }),
  "no files": empty("files", "/workspace/entries?path=", { path: "", entries: [], more: 0, ignored: 0 }),
  "no commands": {
    path: "/c/conv_asks?panel=terminal",
    ready: "[data-testid=agent-shell]",
  },
  "no desktop": {
    path: "/c/conv_demo?panel=desktop",
    ready: "[data-testid=panel-desktop][data-state=off]",
    set: (on) => instance(on, { sandbox: { attached: true, desktop: false } }),
  },
  "nothing for the model": empty("context", `${DEMO}/context`, NOTHING_NEXT),
};

/** What fails, and what is waited for. */
const FAILING: Record<string, State> = {
  "changes that fail": fails("changes", `${DEMO}/changes`),
  "files that fail": fails("files", "/workspace/entries"),
  "shells that fail": fails("terminal", `${DEMO}/terminals`),
  "a context that fails": fails("context", `${DEMO}/context`),
  "a desktop that fails": {
    path: "/c/conv_demo?panel=desktop",
    ready: "[data-testid=panel-desktop] button:has-text('again')",
    set: (on) => on.refused.set("/desktop/start", 500),
  },
  "a file that fails": {
    path: "/c/conv_demo?panel=files&file=demo-timer/countdown.py",
    ready: "[data-testid=file-view] :text('This could not be answered')",
    set: (on) => on.refused.set("/workspace/text", 500),
  },
  "a preview that fails": {
    path: "/c/conv_demo?panel=ports",
    ready: "[data-testid=panel-ports] :text('This could not be answered')",
    set: (on) => {
      instance(on, { sandbox: { attached: true, desktop: true, ports: [{ port: 5173, command: "x" }] } });
      on.refused.set("/ports/5173/preview/frame", 500);
    },
  },
  "a conversation that fails": {
    path: "/c/conv_demo?panel=none",
    ready: "main :text('This could not be answered'), [id=content] :text('This could not be answered')",
    set: (on) => on.refused.set(DEMO, 500),
  },
  "a list that fails": {
    path: "/",
    ready: "[data-testid=composer]",
    set: (on) => on.refused.set("/conversations", 500),
  },
  "a search that fails": {
    path: "/",
    ready: "[data-testid=composer]",
    set: (on) => on.refused.set("/search", 500),
    act: async (page) => {
      await page.getByTestId("composer").waitFor();
      await search(page, "clock");
      await page.getByTestId("search-results").getByText("This could not be answered").waitFor();
    },
  },
  "settings that fail": {
    path: "/settings",
    ready: "[data-testid=settings] :text('This could not be answered')",
    set: (on) => {
      for (const path of ["/settings", "/providers", "/sandbox/settings"]) on.refused.set(path, 500);
    },
  },
  "an instance that fails": {
    path: "/",
    ready: "main button",
    set: (on) => on.refused.set("/instance", 500),
  },

  "changes under way": waits("changes", `${DEMO}/changes`),
  "files under way": waits("files", "/workspace/entries"),
  "shells under way": waits("terminal", `${DEMO}/terminals`),
  "a context under way": waits("context", `${DEMO}/context`),
  "a file under way": {
    path: "/c/conv_demo?panel=files&file=demo-timer/countdown.py",
    ready: "[data-testid=file-view]",
    set: (on) => on.held.add("/workspace/text"),
  },
  "a conversation under way": {
    path: "/c/conv_demo?panel=none",
    ready: "[data-testid=conv-header]",
    set: (on) => on.held.add(DEMO),
  },
  "a list under way": {
    path: "/",
    ready: "[data-testid=composer]",
    set: (on) => on.held.add("/conversations"),
  },
  "settings under way": {
    path: "/settings",
    ready: "[data-testid=settings]",
    set: (on) => {
      for (const path of ["/settings", "/providers", "/sandbox/settings"]) on.held.add(path);
    },
  },

  "files without a sandbox": detached("files"),
  "a desktop without a sandbox": detached("desktop"),
  "shells without a sandbox": detached("terminal"),
};

const MISSING = "[data-testid=missing-part]";

/** Parts of the page whose code cannot be loaded. */
const LOST: Record<string, State> = {
  "a pane that cannot be loaded": {
    path: "/c/conv_demo?panel=changes",
    ready: MISSING,
    set: (on) => {
      on.lost = /changes-pane/;
    },
  },
  "a page that cannot be loaded": {
    path: "/settings",
    ready: `main ${MISSING}`,
    set: (on) => {
      on.lost = /assets\/settings-/;
    },
  },
  "a palette that cannot be loaded": {
    path: "/c/conv_demo?panel=none",
    ready: `dialog ${MISSING}`,
    set: (on) => {
      on.lost = /assets\/palette-/;
    },
    act: async (page) => {
      await shown(page);
      await page.keyboard.press("Control+k");
    },
  },
};

/** Panes and routes that have nothing yet, fail, or wait for an answer. */
export const TROUBLE: Record<string, State> = { ...EMPTY, ...FAILING, ...LOST };
