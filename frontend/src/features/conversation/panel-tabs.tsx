import { X } from "lucide-react";
import { Tabs } from "radix-ui";
import { useRef } from "react";
import { t } from "@/i18n";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import type { SidePanelProps } from "./side-panel";

/** What the side panel shows, and what else it can. */
export default function PanelTabs({ tabs, active, onChange, onClose }: SidePanelProps) {
  /** The tab that was open when the click began, which may have changed it. */
  const before = useRef(active);
  const remember = () => {
    before.current = active;
  };
  return (
    <Tabs.Root value={active} onValueChange={onChange} className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-11 shrink-0 items-center border-b border-line pr-1.5 pl-2 pointer-coarse:h-[45px]">
        <Tabs.List aria-label={t("panel.label")} className="flex h-full flex-1">
          {tabs.map((tab) => (
            <Tabs.Trigger
              key={tab.name}
              value={tab.name}
              onPointerDownCapture={remember}
              onKeyDownCapture={remember}
              onClick={() => before.current === tab.name && onClose()}
              className="border-b-2 border-transparent px-2.5 text-text-2 hover:text-text data-[state=active]:border-accent data-[state=active]:text-text"
            >
              {tab.label}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <IconButton label={t("panel.close")} onClick={onClose}>
          <Icon of={X} />
        </IconButton>
      </div>
      {tabs.map((tab) => (
        <Tabs.Content key={tab.name} value={tab.name} className="min-h-0 flex-1">
          {tab.content}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}
