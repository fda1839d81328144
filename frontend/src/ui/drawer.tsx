import { Menu } from "lucide-react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { t } from "@/i18n";
import { IconButton } from "./button";
import { Icon } from "./icon";

const store = createStore(() => ({ open: false }));

/** Whether the drawer of narrow screens is open. */
export function useDrawer() {
  const open = useStore(store, (state) => state.open);
  return { open, setOpen };
}

function setOpen(open: boolean): void {
  store.setState({ open });
}

/** Opens the drawer; only there where the sidebar is not. */
export function DrawerButton() {
  return (
    <IconButton label={t("sidebar.open")} className="md:hidden" onClick={() => setOpen(true)}>
      <Icon of={Menu} />
    </IconButton>
  );
}
