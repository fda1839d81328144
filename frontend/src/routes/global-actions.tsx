import { useNavigate } from "@tanstack/react-router";
import { useAction } from "@/ui/actions/registry";
import { showSidebar, toggleSidebar } from "@/ui/drawer";
import { setTheme } from "@/ui/theme";

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
  useAction("theme.system", () => setTheme("system"));
  useAction("theme.light", () => setTheme("light"));
  useAction("theme.dark", () => setTheme("dark"));
  return null;
}
