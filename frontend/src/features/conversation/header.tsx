import { FolderTree, ListTree, PanelRight } from "lucide-react";
import { type FormEvent, Suspense, useState } from "react";
import { updateConversation } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { isActive } from "@/api/status";
import type { Conversation } from "@/api/types";
import { DEFAULT_WORKSPACE, useWorkspaces } from "@/api/workspaces";
import { t } from "@/i18n";
import { tw } from "@/i18n/en-workspaces";
import { formatClock } from "@/i18n/units";
import { useConversation } from "@/stream/react";
import { runAction, useAction } from "@/ui/actions/registry";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { DrawerButton } from "@/ui/drawer";
import { Icon } from "@/ui/icon";
import { lazyPart } from "@/ui/lazy-part";
import { StatusGlyph } from "@/ui/status-glyph";
import { showToast } from "@/ui/toast";
import { useNow } from "@/ui/use-now";
import { ContextMeter } from "./context-meter";
import { ModelPicker } from "./model-picker";
import { OverflowMenu } from "./overflow-menu";
import { ResumeButton } from "./resume-button";

/** A header is one without it, too. */
const GitBranch = lazyPart(() => import("./git-branch"), { otherwise: "quiet" });

interface HeaderProps {
  panelOpen: boolean;
  onTogglePanel: () => void;
  onShowContext: () => void;
}

/** Name, state, model and consumption of the open conversation. */
export function ConversationHeader({ panelOpen, onTogglePanel, onShowContext }: HeaderProps) {
  const conversation = useConversation(({ state }) => state?.conversation ?? null);
  return (
    <header
      data-testid="conv-header"
      className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-surface px-3 max-md:px-1.5"
    >
      <DrawerButton />
      {conversation && (
        <>
          <Title key={conversation.id} conversation={conversation} />
          {conversation.scripted && <Badge title={t("sidebar.scriptedHelp")}>{t("sidebar.scripted")}</Badge>}
          <WorkspaceName id={conversation.workspace_id ?? DEFAULT_WORKSPACE} />
          <Suspense>
            <GitBranch workspace={conversation.workspace_id ?? DEFAULT_WORKSPACE} />
          </Suspense>
          <RunState conversation={conversation} />
          <ResumeButton conversation={conversation} />
          <ModelPicker conversation={conversation} />
          <ContextMeter id={conversation.id} onShowContext={onShowContext} />
          <IconButton
            label={t("outline.filter")}
            onClick={() => runAction("outline.open")}
            className="max-md:hidden"
          >
            <Icon of={ListTree} />
          </IconButton>
          <OverflowMenu conversation={conversation} />
        </>
      )}
      <span className={`max-md:hidden ${conversation ? "contents" : "ml-auto"}`}>
        <IconButton
          label={t("header.panel")}
          aria-pressed={panelOpen}
          onClick={onTogglePanel}
          className={panelOpen ? "bg-selected text-text" : ""}
        >
          <Icon of={PanelRight} />
        </IconButton>
      </span>
    </header>
  );
}

/** The name; a click on it edits it. */
function Title({ conversation }: { conversation: Conversation }) {
  const [draft, setDraft] = useState<string | null>(null);
  const save = (event?: FormEvent) => {
    event?.preventDefault();
    const title = draft?.trim() ?? "";
    setDraft(null);
    if (title === "" || title === conversation.title) return;
    updateConversation(conversation.id, { title }).catch((error: unknown) =>
      showToast({ level: "error", text: toProblem(error).title }),
    );
  };
  useAction("conversation.rename", () => setDraft(conversation.title));
  if (draft === null) {
    return (
      <h1 className="min-w-11">
        <button
          type="button"
          title={t("header.rename")}
          onClick={() => setDraft(conversation.title)}
          className="block max-w-full truncate rounded-control px-1.5 py-0.5 text-15 font-semibold hover:bg-hover pointer-coarse:min-h-11"
        >
          {conversation.title || t("sidebar.untitled")}
        </button>
      </h1>
    );
  }
  return (
    <form onSubmit={save} className="min-w-0 flex-1">
      <input
        // biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was just pressed
        autoFocus
        aria-label={t("header.rename")}
        value={draft}
        maxLength={200}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={() => save()}
        onKeyDown={(event) => event.key === "Escape" && setDraft(null)}
        className="w-full rounded-control border border-line-strong bg-surface px-1.5 text-15 font-semibold"
      />
    </form>
  );
}

/** Where the agent works, unless that is where it works in every instance. */
function WorkspaceName({ id }: { id: string }) {
  const { data } = useWorkspaces();
  if (id === DEFAULT_WORKSPACE) return null;
  const name = data?.items.find((workspace) => workspace.id === id)?.name ?? id;
  return (
    <span
      data-testid="workspace-name"
      title={tw("ofConversation", { name })}
      className="flex max-w-40 min-w-0 items-center gap-1 text-12 text-text-3 max-sm:hidden"
    >
      <Icon of={FolderTree} className="shrink-0" />
      <span className="truncate">{name}</span>
    </span>
  );
}

function RunState({ conversation }: { conversation: Conversation }) {
  const active = isActive(conversation.status);
  const now = useNow(active);
  const since = conversation.run_started_at;
  return (
    <span
      data-testid="run-state"
      data-status={conversation.status}
      className="mr-auto flex shrink-0 items-center gap-1.5 text-12 text-text-3"
    >
      <StatusGlyph status={conversation.status} />
      <span className="max-lg:hidden">
        {t(`status.${conversation.status}`)}
        {active && since != null && ` ${formatClock(now - since)}`}
      </span>
    </span>
  );
}
