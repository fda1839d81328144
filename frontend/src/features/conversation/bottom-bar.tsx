import { FileDiff, Files, FolderTree, Globe, MessageSquare, Monitor, SquareTerminal } from "lucide-react";
import { t } from "@/i18n";
import { Icon } from "@/ui/icon";

const TABS = [
  { name: "none", label: "panel.chat", icon: MessageSquare },
  { name: "changes", label: "panel.changes", icon: FileDiff },
  { name: "files", label: "panel.files", icon: FolderTree },
  { name: "terminal", label: "panel.terminal", icon: SquareTerminal },
  { name: "desktop", label: "panel.desktop", icon: Monitor },
  { name: "context", label: "panel.context", icon: Files },
  { name: "ports", label: "panel.ports", icon: Globe },
] as const;

type TabName = (typeof TABS)[number]["name"];

/** The pane beside one, as they stand in the bar; null at its ends. */
export function neighbour(of: TabName, by: 1 | -1): TabName | null {
  return TABS[TABS.findIndex(({ name }) => name === of) + by]?.name ?? null;
}

/** On narrow screens: one thing at a time, chosen at the bottom. */
export function BottomBar({ active, onChange }: { active: TabName; onChange: (name: TabName) => void }) {
  return (
    <nav
      aria-label={t("panel.label")}
      className="fixed inset-x-0 bottom-0 z-20 flex h-12 border-t border-line bg-surface md:hidden"
    >
      {TABS.map(({ name, label, icon }) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === active}
          onClick={() => onChange(name)}
          className="flex min-w-0 flex-1 flex-col items-center justify-center text-11 text-text-2 aria-pressed:text-accent"
        >
          <Icon of={icon} />
          {t(label)}
        </button>
      ))}
    </nav>
  );
}
