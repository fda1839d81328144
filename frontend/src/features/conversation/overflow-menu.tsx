import { FileJson, FileText, MoreHorizontal } from "lucide-react";
import { exportAddress } from "@/api/endpoints";
import type { Conversation } from "@/api/types";
import { t } from "@/i18n";
import { download } from "@/platform/download";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { Menu, MenuItem } from "@/ui/menu";

/** What is done with the open conversation less often. */
export function OverflowMenu({ conversation }: { conversation: Pick<Conversation, "id"> }) {
  return (
    <Menu
      trigger={
        <IconButton label={t("header.more")}>
          <Icon of={MoreHorizontal} />
        </IconButton>
      }
    >
      <MenuItem
        icon={<Icon of={FileJson} />}
        note={t("header.exportJsonNote")}
        onSelect={() => download(exportAddress(conversation.id, "json"))}
      >
        {t("header.exportJson")}
      </MenuItem>
      <MenuItem
        icon={<Icon of={FileText} />}
        note={t("header.exportMarkdownNote")}
        onSelect={() => download(exportAddress(conversation.id, "markdown"))}
      >
        {t("header.exportMarkdown")}
      </MenuItem>
    </Menu>
  );
}
