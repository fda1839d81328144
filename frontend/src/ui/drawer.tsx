import { Menu } from "lucide-react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { t } from "@/i18n";
import { readStored, writeStored } from "@/platform/storage";
import { IconButton } from "./button";
import { Icon } from "./icon";
import { useUnread } from "./unread";

const FOLDED_KEY = "slipway.sidebarFolded";
const store = createStore(() => ({ open: false, folded: readStored(FOLDED_KEY) !== null }));

/** Whether the drawer of narrow screens is open, and whether the sidebar of wide ones is folded away. */
export function useDrawer() {
  const { open, folded } = useStore(store);
  return { open, setOpen, folded, setFolded };
}

function setOpen(open: boolean): void {
  store.setState({ open });
}

function setFolded(folded: boolean): void {
  writeStored(FOLDED_KEY, folded ? "yes" : null);
  store.setState({ folded });
}

/** Whether the screen has room for a sidebar beside the page. */
function isWide(): boolean {
  return matchMedia("(min-width: 48rem)").matches;
}

/** Shows or hides the conversations, whichever form they have. */
export function toggleSidebar(): void {
  const { open, folded } = store.getState();
  if (isWide()) setFolded(!folded);
  else setOpen(!open);
}

/** Brings the conversations into view, whichever form they have. */
export function showSidebar(): void {
  if (isWide()) setFolded(false);
  else setOpen(true);
}

/** Shows the conversations; only there where they are not. Tells of notices that are with them. */
export function DrawerButton() {
  const { folded } = useDrawer();
  const unread = useUnread();
  return (
    <IconButton
      label={unread > 0 ? t("sidebar.openUnread", { n: unread }) : t("sidebar.open")}
      className={`relative ${folded ? "" : "md:hidden"}`}
      onClick={showSidebar}
    >
      <Icon of={Menu} />
      {unread > 0 && (
        <span
          aria-hidden="true"
          className="absolute top-1 right-1 size-2 rounded-full bg-accent pointer-coarse:top-2.5 pointer-coarse:right-2.5"
        />
      )}
    </IconButton>
  );
}
