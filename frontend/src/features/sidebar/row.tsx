import { Link } from "@tanstack/react-router";
import {
  Archive,
  ArchiveRestore,
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
import { exportAddress } from "@/api/endpoints";
import type { Conversation } from "@/api/types";
import { t } from "@/i18n";
import { formatAge } from "@/i18n/units";
import { download } from "@/platform/download";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { Menu, MenuItem } from "@/ui/menu";
import { StatusGlyph } from "@/ui/status-glyph";

/** What can be done with a conversation in the list. */
export interface RowActions {
  onRename: (conversation: Conversation) => void;
  onPin: (conversation: Conversation) => void;
  onArchive: (conversation: Conversation) => void;
  onDelete: (conversation: Conversation) => void;
}

interface RowProps extends RowActions {
  conversation: Conversation;
  now: number;
}

/** One conversation in the list. */
export function ConversationRow({ conversation, now, onRename, onPin, onArchive, onDelete }: RowProps) {
  return (
    <div className="group relative flex items-center px-2" data-testid="conversation-row">
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
      <div className="absolute right-2 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 has-[[data-state=open]]:opacity-100 pointer-coarse:static pointer-coarse:opacity-100">
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
