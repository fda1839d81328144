import { SunMoon } from "lucide-react";
import { useState } from "react";
import { t } from "@/i18n";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { Menu, MenuItem } from "@/ui/menu";
import { currentTheme, setTheme, type Theme } from "@/ui/theme";

const THEMES: Theme[] = ["system", "light", "dark"];

/** Light, dark, or as the system has it. */
export function ThemeMenu() {
  const [theme, setChosen] = useState(currentTheme);
  const choose = (next: Theme) => {
    setTheme(next);
    setChosen(next);
  };
  return (
    <Menu
      side="top"
      trigger={
        <IconButton label={t("theme.label")}>
          <Icon of={SunMoon} />
        </IconButton>
      }
    >
      {THEMES.map((one) => (
        <MenuItem key={one} checked={one === theme} onSelect={() => choose(one)}>
          {t(`theme.${one}`)}
        </MenuItem>
      ))}
    </Menu>
  );
}
