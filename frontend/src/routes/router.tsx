import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { lazyPart } from "@/ui/lazy-part";
import { Crashed } from "./crashed";
import { Home } from "./home";
import { NotFound } from "./not-found";
import { Root } from "./root";
import { Workbench } from "./workbench";

const PANELS = ["changes", "files", "terminal", "desktop", "context", "ports", "none"] as const;

/** Tabs of the side panel; in the address, so that a link opens the same view. */
export type PanelName = (typeof PANELS)[number];

export interface ConversationSearch {
  panel?: PanelName;
  /** The file that the panel shows. */
  file?: string;
  /** The line to show of it. */
  line?: number;
  /** The port that the preview shows. */
  port?: number;
  /** The page of it. */
  path?: string;
  /** The message to show, or a part of one. */
  m?: string;
}

const root = createRootRoute({ component: Root, notFoundComponent: NotFound, errorComponent: Crashed });

const workbench = createRoute({ getParentRoute: () => root, id: "workbench", component: Workbench });

const home = createRoute({ getParentRoute: () => workbench, path: "/", component: Home });

const conversation = createRoute({
  getParentRoute: () => workbench,
  path: "/c/$id",
  validateSearch: (search: Record<string, unknown>): ConversationSearch => ({
    panel: panelName(search.panel),
    file: typeof search.file === "string" && search.file !== "" ? search.file : undefined,
    line: Number.isInteger(search.line) && Number(search.line) > 0 ? Number(search.line) : undefined,
    port: Number.isInteger(search.port) && Number(search.port) > 0 ? Number(search.port) : undefined,
    path: typeof search.path === "string" && search.path.startsWith("/") ? search.path : undefined,
    m: typeof search.m === "string" ? search.m : undefined,
  }),
  component: lazyPart(() => import("./conversation"), { name: "ConversationRoute", otherwise: "page" }),
});

const settings = createRoute({
  getParentRoute: () => workbench,
  path: "/settings",
  component: lazyPart(() => import("./settings"), { name: "SettingsRoute", otherwise: "page" }),
});

const apiDocs = createRoute({
  getParentRoute: () => workbench,
  path: "/api-docs",
  component: lazyPart(() => import("@/features/api-docs/api-docs-screen"), {
    name: "ApiDocsScreen",
    otherwise: "page",
  }),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyPart(() => import("./setup"), { name: "SetupRoute", otherwise: "page" }),
});

export const router = createRouter({
  routeTree: root.addChildren([workbench.addChildren([home, conversation, settings, apiDocs]), setup]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

function panelName(value: unknown): PanelName | undefined {
  return PANELS.find((panel) => panel === value);
}
