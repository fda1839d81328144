import { Link } from "@tanstack/react-router";
import { Archive, PanelLeftClose, Plus, Settings } from "lucide-react";
import { type ReactNode, Suspense, useState } from "react";
import type { Conversation } from "@/api/types";
import { t } from "@/i18n";
import { useBeginnings } from "@/stream/react";
import { IconButton } from "@/ui/button";
import { toggleSidebar } from "@/ui/drawer";
import { Icon } from "@/ui/icon";
import { lazyPart } from "@/ui/lazy-part";
import { useDelete } from "./delete";
import { ImportButton } from "./import-button";
import { ConversationList } from "./list";
import { useOrganise } from "./organise";
import { SearchBox } from "./search-box";
import { ThemeMenu } from "./theme-menu";

const SearchResults = lazyPart(() => import("./search-results"), { name: "SearchResults" });
const RenameDialog = lazyPart(() => import("./rename-dialog"), { name: "RenameDialog", otherwise: "over" });
const ArchivedList = lazyPart(() => import("./archived-list"), { name: "ArchivedList" });

/** All conversations, the way to a new one, and the way to the settings. */
export function Sidebar({ footer, notices }: { footer?: ReactNode; notices?: ReactNode }) {
  const [renaming, setRenaming] = useState<Conversation | null>(null);
  const [query, setQuery] = useState("");
  const [archived, setArchived] = useState(false);
  const { remove, question } = useDelete();
  const { pin, archive } = useOrganise();
  const actions = { onRename: setRenaming, onPin: pin, onArchive: archive, onDelete: remove };
  return (
    <nav
      aria-label={t("sidebar.label")}
      data-testid="sidebar"
      className="flex h-full w-full flex-col border-r border-line bg-canvas pt-[env(safe-area-inset-top)] pb-[env(safe-area-inset-bottom)]"
    >
      <div className="flex h-11 shrink-0 items-center gap-2 px-3.5">
        <img src="/icon.svg" alt="" width={18} height={18} />
        <Link to="/" className="tap flex items-center font-semibold">
          {t("app.name")}
        </Link>
        <div className="ml-auto flex items-center">
          {notices}
          <IconButton label={t("sidebar.close")} onClick={toggleSidebar}>
            <Icon of={PanelLeftClose} />
          </IconButton>
        </div>
      </div>
      <div className="px-2 pb-2">
        <Link
          to="/"
          data-testid="new-conversation"
          className="tap flex items-center gap-2 rounded-control border border-line-strong bg-surface px-2 font-medium hover:bg-sunken"
        >
          <Icon of={Plus} />
          {t("sidebar.new")}
        </Link>
        <WaitingToBegin />
      </div>
      <SearchBox query={query} onChange={setQuery} />
      <Suspense fallback={<div className="flex-1" />}>
        {query.trim() !== "" && <SearchResults query={query.trim()} />}
        {query.trim() === "" && archived && <ArchivedList {...actions} onClose={() => setArchived(false)} />}
      </Suspense>
      {query.trim() === "" && !archived && <ConversationList {...actions} />}
      <div className="flex shrink-0 items-center gap-1 border-t border-line px-2 py-1.5">
        <div className="min-w-0 flex-1">{footer}</div>
        <IconButton
          label={t("sidebar.archived")}
          aria-pressed={archived}
          onClick={() => setArchived(!archived)}
          className={archived ? "bg-selected text-text" : ""}
        >
          <Icon of={Archive} />
        </IconButton>
        <ImportButton />
        <ThemeMenu />
        <Link
          to="/settings"
          aria-label={t("sidebar.settings")}
          title={t("sidebar.settings")}
          className="inline-flex size-7 items-center justify-center rounded-control text-text-2 hover:bg-hover hover:text-text pointer-coarse:size-11"
        >
          <Icon of={Settings} />
        </Link>
      </div>
      <Suspense>
        {renaming && (
          <RenameDialog key={renaming.id} conversation={renaming} onClose={() => setRenaming(null)} />
        )}
        {question}
      </Suspense>
    </nav>
  );
}

/** The way to what could not be begun yet. */
function WaitingToBegin() {
  const { length: n } = useBeginnings();
  if (n === 0) return null;
  return (
    <Link to="/" data-testid="waiting-to-begin" className="tap flex items-center gap-2 px-2 text-waiting">
      <span aria-hidden="true">◐</span>
      {t("connection.waiting", { n })}
    </Link>
  );
}
