import { SunMoon } from "lucide-react";
import { t } from "@/i18n";
import { APPEARANCE, choose, useAppearance } from "@/ui/appearance";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { Menu, MenuItem } from "@/ui/menu";

/** Light, dark, or as the system has it. */
export function ThemeMenu() {
  const { theme } = useAppearance();
  return (
    <Menu
      side="top"
      trigger={
        <IconButton label={t("theme.label")}>
          <Icon of={SunMoon} />
        </IconButton>
      }
    >
      {APPEARANCE.theme.map((one) => (
        <MenuItem key={one} checked={one === theme} onSelect={() => choose("theme", one)}>
          {t(`theme.${one}`)}
        </MenuItem>
      ))}
    </Menu>
  );
}
