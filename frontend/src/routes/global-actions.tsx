import { useNavigate } from "@tanstack/react-router";
import { useAction } from "@/ui/actions/registry";
import { choose } from "@/ui/appearance";
import { showSidebar, toggleSidebar } from "@/ui/drawer";

/** Binds the actions that can be done on every page. */
export function GlobalActions() {
  const navigate = useNavigate();
  useAction("conversation.new", () => void navigate({ to: "/" }));
  useAction("settings.open", () => void navigate({ to: "/settings" }));
  useAction("sidebar.toggle", toggleSidebar);
  useAction("search.all", () => {
    showSidebar();
    focusSearch();
  });
  useAction("theme.system", () => choose("theme", "system"));
  useAction("theme.light", () => choose("theme", "light"));
  useAction("theme.dark", () => choose("theme", "dark"));
  return null;
}

/** Frames that are waited for: the drawer of narrow screens may have to be loaded. */
const PATIENCE = 300;

/** Puts the focus into the search box once it is in sight. */
function focusSearch(patience = PATIENCE): void {
  requestAnimationFrame(() => {
    const boxes = [...document.querySelectorAll<HTMLElement>("[data-testid=search-box]")];
    const box = boxes.findLast((one) => one.checkVisibility());
    if (box) box.focus();
    else if (patience > 0) focusSearch(patience - 1);
  });
}
