import {
  Archive,
  ArchiveRestore,
  CornerDownRight,
  FileJson,
  FileText,
  Link2,
  ListTree,
  MoreHorizontal,
  Search,
} from "lucide-react";
import { exportAddress, updateConversation } from "@/api/endpoints";
import type { Conversation } from "@/api/types";
import { t } from "@/i18n";
import { copyText } from "@/platform/clipboard";
import { download } from "@/platform/download";
import { runAction, useAction } from "@/ui/actions/registry";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { Menu, MenuItem } from "@/ui/menu";
import { showToast } from "@/ui/toast";
import { useAttempt } from "@/ui/use-attempt";
import { useHandOver } from "./hand-over";

/** What is done with the open conversation less often. */
export function OverflowMenu({ conversation }: { conversation: Pick<Conversation, "id" | "archived"> }) {
  const { attempt } = useAttempt();
  const exportJson = () => download(exportAddress(conversation.id, "json"));
  const exportMarkdown = () => download(exportAddress(conversation.id, "markdown"));
  const copyLink = () => void copyText(`${location.origin}/c/${conversation.id}`).then(tellCopied);
  useAction("conversation.exportJson", exportJson);
  useAction("conversation.exportMarkdown", exportMarkdown);
  useAction("conversation.link", copyLink);
  const { busy, handOver } = useHandOver();
  useAction("conversation.handOver", busy ? null : handOver);
  const archive = () =>
    attempt(() => updateConversation(conversation.id, { archived: !conversation.archived }));
  return (
    <Menu
      trigger={
        <IconButton label={t("header.more")}>
          <Icon of={MoreHorizontal} />
        </IconButton>
      }
    >
      <MenuItem icon={<Icon of={Search} />} onSelect={() => runAction("find.open")}>
        {t("find.label")}
      </MenuItem>
      <MenuItem icon={<Icon of={ListTree} />} onSelect={() => runAction("outline.open")}>
        {t("outline.filter")}
      </MenuItem>
      <MenuItem icon={<Icon of={FileJson} />} note={t("header.exportJsonNote")} onSelect={exportJson}>
        {t("header.exportJson")}
      </MenuItem>
      <MenuItem icon={<Icon of={FileText} />} note={t("header.exportMarkdownNote")} onSelect={exportMarkdown}>
        {t("header.exportMarkdown")}
      </MenuItem>
      <MenuItem icon={<Icon of={Link2} />} onSelect={copyLink}>
        {t("header.copyLink")}
      </MenuItem>
      <MenuItem icon={<Icon of={CornerDownRight} />} disabled={busy} onSelect={handOver}>
        {t("meter.handOver")}
      </MenuItem>
      <MenuItem
        icon={<Icon of={conversation.archived ? ArchiveRestore : Archive} />}
        onSelect={() => void archive()}
      >
        {t(conversation.archived ? "sidebar.unarchive" : "sidebar.archive")}
      </MenuItem>
    </Menu>
  );
}

function tellCopied(copied: boolean): void {
  showToast(
    copied
      ? { level: "info", text: t("header.linkCopied") }
      : { level: "error", text: t("header.linkNotCopied") },
  );
}
