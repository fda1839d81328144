import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Suspense, useEffect, useState } from "react";
import { useInstance } from "@/api/queries";
import { DEFAULT_WORKSPACE } from "@/api/workspaces";
import { ApprovalDock } from "@/features/approvals/approval-dock";
import { InlineApproval } from "@/features/approvals/inline-approval";
import { ApprovalCard } from "@/features/approvals/lazy-card";
import { ChangesBadge, ChangesTab, TurnFooter } from "@/features/changes/changes-tab";
import { ConversationComposer } from "@/features/composer/conversation-composer";
import { BottomBar, neighbour } from "@/features/conversation/bottom-bar";
import { ConversationHeader } from "@/features/conversation/header";
import { PanelTabs, SidePanel } from "@/features/conversation/side-panel";
import { DesktopPane } from "@/features/desktop/desktop-pane";
import { PlanStrip } from "@/features/plan/plan-strip";
import { PortsBadge, PortsPane } from "@/features/ports/ports-pane";
import { QuestionDock, QuestionForm } from "@/features/questions/question-dock";
import { Markdown } from "@/features/timeline/markdown/markdown";
import { Timeline } from "@/features/timeline/timeline";
import { t } from "@/i18n";
import { ConversationProvider, useConversation } from "@/stream/react";
import type { ConversationState } from "@/stream/reducer";
import { useAction } from "@/ui/actions/registry";
import { DecisionSlot } from "@/ui/call/decision-slot";
import { whenIdle } from "@/ui/idle";
import { lazyPart } from "@/ui/lazy-part";
import { ProblemView } from "@/ui/problem-view";
import { useStored } from "@/ui/use-stored";
import { useSwipe } from "@/ui/use-swipe";
import { NotFound } from "./not-found";
import type { PanelName } from "./router";

/** The tree, the uploads and their words are only wanted when the panel is open. */
const LazyFiles = lazyPart(() => import("@/features/files/files-pane"));

const QuickOpen = lazyPart(() => import("@/features/files/quick-open"), { otherwise: "over" });

const LazyContext = lazyPart(() => import("@/features/context/context-tab"));

const TurnCost = lazyPart(() => import("@/features/conversation/turn-cost"), { otherwise: "quiet" });

const TerminalBadge = lazyPart(() => import("@/features/terminal/terminal-badge"), { otherwise: "quiet" });

const LazyTerminal = lazyPart(() => import("@/features/terminal/terminal-pane"));

/** What is not needed to begin with, and must not be waited for when it is. */
const loadAhead = () => Promise.all([PanelTabs, ApprovalCard, QuestionForm].map(({ preload }) => preload()));

const route = getRouteApi("/workbench/c/$id");

/** One conversation: timeline, composer and side panel. */
export function ConversationRoute() {
  const { id } = route.useParams();
  return (
    <ConversationProvider id={id}>
      <ConversationPage key={id} />
    </ConversationProvider>
  );
}

function ConversationPage() {
  const phase = useConversation((view) => view.phase);
  const problem = useConversation((view) => view.problem);
  const title = useConversation(({ state }) => state?.conversation.title);
  const panel = usePanel();
  const { m: wanted } = route.useSearch();
  const waits = useConversation(({ state }) => waitingFor(state));
  // It may be wanted when Slipway does not answer.
  useEffect(() => whenIdle(loadAhead), []);
  usePageTitle(waits > 0 ? `(${waits}) ▲ ${title}` : title);
  const swipe = useSwipe((by) => {
    const next = isNarrow() ? neighbour(panel.name, by) : null;
    if (next) panel.show(next);
  });
  if (phase === "missing") return <NotFound />;
  return (
    <div className="flex h-full min-w-0 max-md:pb-12" {...swipe}>
      <div className="flex min-w-0 flex-1 flex-col">
        <ConversationHeader
          panelOpen={panel.open}
          onTogglePanel={panel.toggle}
          onShowContext={() => panel.show("context")}
        />
        {phase === "failed" && problem && (
          <div className="p-4">
            <ProblemView problem={problem} />
          </div>
        )}
        {phase === "ready" ? (
          <DecisionSlot value={inlineApproval}>
            <Timeline
              empty={<EmptyTimeline />}
              wanted={wanted}
              end={
                <>
                  <Suspense>
                    <TurnCost />
                  </Suspense>
                  <TurnFooter onShow={() => panel.show("changes")} />
                </>
              }
            />
          </DecisionSlot>
        ) : (
          <div className="flex-1" />
        )}
        <ConversationComposer
          above={
            <>
              <PlanStrip />
              <QuestionDock />
              <ApprovalDock />
            </>
          }
        />
      </div>
      {panel.open && (
        <SidePanel
          active={panel.name}
          onChange={(name) => panel.show(name as PanelName)}
          onClose={panel.toggle}
          tabs={[
            {
              name: "changes",
              label: t("panel.changes"),
              badge: <ChangesBadge />,
              content: <ChangesTab file={panel.file} onEdit={panel.openFile} />,
            },
            { name: "files", label: t("panel.files"), content: <FilesPane {...panel} /> },
            {
              name: "terminal",
              label: t("panel.terminal"),
              badge: (
                <Suspense>
                  <TerminalBadge />
                </Suspense>
              ),
              content: <TerminalPane />,
            },
            { name: "desktop", label: t("panel.desktop"), content: <DesktopPane />, staysAwake: true },
            { name: "context", label: t("panel.context"), content: <ContextPane /> },
            {
              name: "ports",
              label: t("panel.ports"),
              badge: <PortsBadge />,
              content: <PortsPane {...panel.preview} />,
            },
          ]}
        />
      )}
      <FileOpener onOpen={panel.openFile} />
      <BottomBar active={panel.name} onChange={panel.show} />
    </div>
  );
}

/** Cards of calls know nothing of approvals: what waits for one is filled in here. */
const inlineApproval = (callId: string) => <InlineApproval callId={callId} />;

/** Whether one pane at a time fills the screen. */
const isNarrow = () => !matchMedia("(min-width: 48rem)").matches;

/** How many things the run waits for that only the person can give. */
function waitingFor(state: ConversationState | null): number {
  return state ? state.questions.length + state.approvals.length : 0;
}

interface FilesPaneProps {
  file: string | null;
  line: number | null;
  openFile: (path: string | null) => void;
}

function FilesPane({ file, line, openFile }: FilesPaneProps) {
  return (
    <Suspense fallback={<p className="p-6 text-center text-text-2">{t("app.loading")}</p>}>
      <LazyFiles
        file={file}
        line={line}
        onFile={openFile}
        markdown={(text) => <Markdown text={text} live={false} />}
      />
    </Suspense>
  );
}

/** Finds a file by its name, wherever the panel is. */
function FileOpener({ onOpen }: { onOpen: (path: string) => void }) {
  const [open, setOpen] = useState(false);
  useAction("file.open", () => setOpen(true));
  return <Suspense>{open && <QuickOpen onOpen={onOpen} onClose={() => setOpen(false)} />}</Suspense>;
}

function TerminalPane() {
  return (
    <Suspense fallback={<p className="p-6 text-center text-text-2">{t("app.loading")}</p>}>
      <LazyTerminal />
    </Suspense>
  );
}

function ContextPane() {
  return (
    <Suspense fallback={<p className="p-6 text-center text-text-2">{t("app.loading")}</p>}>
      <LazyContext />
    </Suspense>
  );
}

function EmptyTimeline() {
  const sandbox = useInstance().data?.sandbox;
  const id = useConversation(({ state }) => state?.conversation.workspace_id ?? DEFAULT_WORKSPACE);
  const workspace = id === DEFAULT_WORKSPACE ? sandbox?.workspace : `${sandbox?.workspaces ?? ""}/${id}`;
  return (
    <div className="pt-16 md:pl-[52px]">
      <h2 className="text-18 font-semibold">{t("timeline.emptyTitle")}</h2>
      <p className="text-14 text-text-2">
        {t("timeline.emptyHelp", { workspace: workspace || t("tool.workspace") })}
      </p>
    </div>
  );
}

/** Which tab of the side panel is open: the address says so, else what was open last. */
function usePanel() {
  const navigate = useNavigate({ from: "/c/$id" });
  const search = route.useSearch();
  const [stored, setStored] = useStored("slipway.panel");
  const [last, setLast] = useStored("slipway.panelTab");
  const current = search.panel ?? (stored as PanelName | null) ?? "none";
  const show = (panel: PanelName) => {
    setStored(panel);
    if (panel !== "none") setLast(panel);
    void navigate({ search: (now) => ({ ...now, panel }), replace: true });
  };
  const openFile = (file: string | null, line?: number) => {
    if (file) setLast("files");
    if (file) setStored("files");
    void navigate({
      search: (now) => ({ ...now, ...(file ? { panel: "files" } : {}), file: file ?? undefined, line }),
      replace: true,
    });
  };
  const visit = (port: number | null, path: string) =>
    void navigate({
      search: (now) => ({ ...now, port: port ?? undefined, path: path === "/" ? undefined : path }),
      replace: true,
    });
  const open = current !== "none";
  const toggle = () => show(open ? "none" : ((last as PanelName) ?? "desktop"));
  useAction("panel.toggle", toggle);
  useAction("panel.changes", () => show("changes"));
  useAction("panel.files", () => show("files"));
  useAction("panel.terminal", () => show("terminal"));
  // Bound anew by the pane while it shows; here for when it does not.
  useAction("terminal.focus", () => show("terminal"));
  useAction("panel.desktop", () => show("desktop"));
  useAction("panel.context", () => show("context"));
  useAction("panel.ports", () => show("ports"));
  return {
    open,
    name: current,
    file: search.file ?? null,
    line: search.line ?? null,
    preview: { port: search.port ?? null, path: search.path ?? "/", onVisit: visit },
    show,
    openFile,
    toggle,
  };
}

function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} · ${t("app.name")}` : t("app.name");
    return () => {
      document.title = t("app.name");
    };
  }, [title]);
}
