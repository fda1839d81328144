import { Scaling } from "lucide-react";
import { t } from "@/i18n";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { Menu, MenuItem } from "@/ui/menu";
import type { DesktopSize } from "./session";

interface SizeMenuProps {
  size: DesktopSize;
  onChange: (size: DesktopSize) => void;
}

/** How pane and desktop fit each other. */
export function SizeMenu({ size, onChange }: SizeMenuProps) {
  const item = (value: DesktopSize, label: string, note?: string) => (
    <MenuItem checked={size === value} note={note} onSelect={() => onChange(value)}>
      {label}
    </MenuItem>
  );
  return (
    <Menu
      trigger={
        <IconButton label={t("desktop.size")}>
          <Icon of={Scaling} />
        </IconButton>
      }
    >
      {item("fit", t("desktop.fit"))}
      {item("follow", t("desktop.follow"), t("desktop.followHelp"))}
      {item("actual", t("desktop.actual"))}
    </Menu>
  );
}
