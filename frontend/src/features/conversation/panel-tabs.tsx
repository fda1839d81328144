import { X } from "lucide-react";
import { Tabs } from "radix-ui";
import { Activity, useRef } from "react";
import { t } from "@/i18n";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { PaneShownProvider } from "@/ui/pane-shown";
import type { SidePanelProps } from "./side-panel";

/** What the side panel shows, and what else it can. */
export default function PanelTabs({ tabs, active, onChange, onClose }: SidePanelProps) {
  /** The tab that was open when the click began, which may have changed it. */
  const before = useRef(active);
  /** A tab is kept once it was open: what is in it is as it was left. */
  const visited = useRef(new Set<string>());
  visited.current.add(active);
  const remember = () => {
    before.current = active;
  };
  return (
    <Tabs.Root value={active} onValueChange={onChange} className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-11 shrink-0 items-center border-b border-line pr-1.5 pl-2 pointer-coarse:h-[45px]">
        <Tabs.List aria-label={t("panel.label")} className="flex h-full min-w-0 flex-1 overflow-x-auto">
          {tabs.map((tab) => (
            <Tabs.Trigger
              key={tab.name}
              value={tab.name}
              onPointerDownCapture={remember}
              onKeyDownCapture={remember}
              onClick={() => before.current === tab.name && onClose()}
              className="inline-flex shrink-0 items-center border-b-2 border-transparent px-2.5 whitespace-nowrap text-text-2 hover:text-text data-[state=active]:border-accent data-[state=active]:text-text"
            >
              {tab.label}
              {tab.badge}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <IconButton label={t("panel.close")} onClick={onClose}>
          <Icon of={X} />
        </IconButton>
      </div>
      {tabs
        .filter(({ name }) => visited.current.has(name))
        .map(({ name, content, staysAwake }) => (
          <Tabs.Content
            key={name}
            value={name}
            forceMount
            hidden={name !== active}
            className="min-h-0 flex-1"
          >
            <PaneShownProvider value={name === active}>
              {staysAwake ? (
                content
              ) : (
                <Activity mode={name === active ? "visible" : "hidden"}>{content}</Activity>
              )}
            </PaneShownProvider>
          </Tabs.Content>
        ))}
    </Tabs.Root>
  );
}
