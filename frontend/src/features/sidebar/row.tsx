import { Link } from "@tanstack/react-router";
import {
  Archive,
  ArchiveRestore,
  ChevronDown,
  ChevronRight,
  FileInput,
  FileJson,
  FileText,
  GitBranch,
  MoreHorizontal,
  Pencil,
  Pin,
  PinOff,
  Trash2,
} from "lucide-react";
import { type FocusEvent, Suspense, useState } from "react";
import { exportAddress } from "@/api/endpoints";
import type { Conversation } from "@/api/types";
import { t } from "@/i18n";
import { formatAge } from "@/i18n/units";
import { download } from "@/platform/download";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Icon } from "@/ui/icon";
import { lazyPart } from "@/ui/lazy-part";
import { Menu, MenuItem } from "@/ui/menu";
import { StatusGlyph } from "@/ui/status-glyph";

/** What can be done with a conversation in the list. */
export interface RowActions {
  onRename: (conversation: Conversation) => void;
  onPin: (conversation: Conversation) => void;
  onArchive: (conversation: Conversation) => void;
  onDelete: (conversation: Conversation) => void;
}

/** Loaded when somebody first points at a row. */
const RowCost = lazyPart(() => import("./row-cost"), { otherwise: "quiet" });

interface RowProps extends RowActions {
  conversation: Conversation;
  now: number;
  /** How far it is indented, as a branch of another. */
  depth?: number;
  /** Its own branches, where it has any that can be shown or hidden. */
  branches?: { count: number; open: boolean; onToggle: () => void };
}

/** One conversation in the list. */
export function ConversationRow({ conversation, now, depth = 0, branches, ...actions }: RowProps) {
  const { onRename, onPin, onArchive, onDelete } = actions;
  const [near, setNear] = useState(false);
  const leave = (event: FocusEvent<HTMLElement>) =>
    event.currentTarget.contains(event.relatedTarget) || setNear(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what it holds is pressed; it only notices that somebody is there
    <div
      className="group relative flex items-center px-2"
      style={depth > 0 ? { paddingLeft: `${8 + depth * 14}px` } : undefined}
      data-testid="conversation-row"
      data-depth={depth}
      onPointerEnter={(event) => event.pointerType !== "touch" && setNear(true)}
      onPointerLeave={() => setNear(false)}
      onFocus={() => setNear(true)}
      onBlur={leave}
    >
      <Link
        to="/c/$id"
        params={{ id: conversation.id }}
        className="tap flex min-w-0 flex-1 items-center gap-2 rounded-control pr-2 pl-1.5 text-text-2 hover:bg-hover hover:text-text data-[status=active]:bg-selected data-[status=active]:text-text"
      >
        <StatusGlyph status={conversation.status} />
        <span className="min-w-0 flex-1 truncate">{conversation.title || t("sidebar.untitled")}</span>
        {conversation.imported_at != null && (
          <span role="img" aria-label={t("sidebar.imported")} title={t("sidebar.imported")}>
            <Icon of={FileInput} />
          </span>
        )}
        {conversation.branch_of != null && (
          <span role="img" aria-label={t("sidebar.branch")} title={t("sidebar.branch")}>
            <Icon of={GitBranch} />
          </span>
        )}
        {conversation.scripted && <Badge title={t("sidebar.scriptedHelp")}>{t("sidebar.scripted")}</Badge>}
        <span className="text-12 text-text-3 group-focus-within:invisible group-hover:invisible pointer-coarse:hidden">
          {formatAge(conversation.updated_at, now)}
        </span>
      </Link>
      {branches && <BranchToggle {...branches} />}
      <div
        className={classes(
          "absolute flex items-center opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 has-[[data-state=open]]:opacity-100 pointer-coarse:static pointer-coarse:opacity-100",
          branches ? "right-12" : "right-2",
        )}
      >
        <Suspense>{near && <RowCost id={conversation.id} />}</Suspense>
        <Menu
          trigger={
            <IconButton label={t("action.more")}>
              <Icon of={MoreHorizontal} />
            </IconButton>
          }
        >
          <MenuItem icon={<Icon of={Pencil} />} onSelect={() => onRename(conversation)}>
            {t("action.rename")}
          </MenuItem>
          {!conversation.archived && (
            <MenuItem
              icon={<Icon of={conversation.pinned ? PinOff : Pin} />}
              onSelect={() => onPin(conversation)}
            >
              {t(conversation.pinned ? "sidebar.unpin" : "sidebar.pin")}
            </MenuItem>
          )}
          <MenuItem
            icon={<Icon of={conversation.archived ? ArchiveRestore : Archive} />}
            onSelect={() => onArchive(conversation)}
          >
            {t(conversation.archived ? "sidebar.unarchive" : "sidebar.archive")}
          </MenuItem>
          <MenuItem
            icon={<Icon of={FileText} />}
            onSelect={() => download(exportAddress(conversation.id, "markdown"))}
          >
            {t("header.exportMarkdown")}
          </MenuItem>
          <MenuItem
            icon={<Icon of={FileJson} />}
            onSelect={() => download(exportAddress(conversation.id, "json"))}
          >
            {t("header.exportJson")}
          </MenuItem>
          <MenuItem icon={<Icon of={Trash2} />} danger onSelect={() => onDelete(conversation)}>
            {t("action.delete")}
          </MenuItem>
        </Menu>
      </div>
    </div>
  );
}

/** Shows or hides the branches of a conversation. */
function BranchToggle({ count, open, onToggle }: { count: number; open: boolean; onToggle: () => void }) {
  const label = t("sidebar.branches", { n: count });
  return (
    <button
      type="button"
      data-testid="branch-toggle"
      aria-expanded={open}
      aria-label={label}
      title={label}
      onClick={onToggle}
      className="tap flex w-10 shrink-0 items-center justify-center gap-0.5 rounded-control text-12 text-text-3 hover:bg-hover hover:text-text pointer-coarse:w-11"
    >
      {count}
      <Icon of={open ? ChevronDown : ChevronRight} />
    </button>
  );
}
