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
    // Once the sidebar is there.
    requestAnimationFrame(() =>
      [...document.querySelectorAll<HTMLElement>("[data-testid=search-box]")].at(-1)?.focus(),
    );
  });
  useAction("theme.system", () => choose("theme", "system"));
  useAction("theme.light", () => choose("theme", "light"));
  useAction("theme.dark", () => choose("theme", "dark"));
  return null;
}
