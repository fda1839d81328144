import { Scaling } from "lucide-react";
import { t } from "@/i18n";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";
import type { DesktopQuality, DesktopSize } from "./session";

interface SizeMenuProps {
  size: DesktopSize;
  onChange: (size: DesktopSize) => void;
  quality: DesktopQuality;
  onQuality: (quality: DesktopQuality) => void;
}

const QUALITIES = ["sharp", "usual", "quick"] as const;

/** How pane and desktop fit each other, and how sharp the picture is. */
export function SizeMenu({ size, onChange, quality, onQuality }: SizeMenuProps) {
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
      <MenuSeparator />
      {QUALITIES.map((one) => (
        <MenuItem key={one} checked={quality === one} onSelect={() => onQuality(one)}>
          {t(`desktop.quality.${one}`)}
        </MenuItem>
      ))}
    </Menu>
  );
}
