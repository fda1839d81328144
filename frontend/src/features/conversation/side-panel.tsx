import { X } from "lucide-react";
import { Tabs } from "radix-ui";
import {
  type KeyboardEvent,
  type ReactNode,
  type PointerEvent as ReactPointerEvent,
  useRef,
  useState,
} from "react";
import { t } from "@/i18n";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { useStored } from "@/ui/use-stored";

const MIN_WIDTH = 320;
const DEFAULT_WIDTH = 520;
const KEY_STEP = 32;

export interface PanelTab {
  name: string;
  label: string;
  content: ReactNode;
}

interface SidePanelProps {
  tabs: PanelTab[];
  active: string;
  onChange: (name: string) => void;
  onClose: () => void;
}

/** Tabs beside the conversation; covers it on narrow screens. */
export function SidePanel({ tabs, active, onChange, onClose }: SidePanelProps) {
  const [stored, setStored] = useStored("slipway.panelWidth");
  const width = Math.max(MIN_WIDTH, Number(stored) || DEFAULT_WIDTH);
  /** The tab that was open when the click began, which may have changed it. */
  const before = useRef(active);
  const remember = () => {
    before.current = active;
  };
  return (
    <aside
      aria-label={t("panel.label")}
      style={{ ["--panel-width" as string]: `${width}px` }}
      className="relative flex h-full w-[min(var(--panel-width),60vw)] shrink-0 flex-col border-l border-line bg-surface max-lg:fixed max-lg:inset-0 max-lg:z-20 max-lg:w-full max-lg:border-0 max-md:bottom-12"
    >
      <Resizer width={width} onChange={(next) => setStored(String(Math.round(next)))} />
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
    </aside>
  );
}

/** The left edge, to be dragged or moved with the arrow keys. */
function Resizer({ width, onChange }: { width: number; onChange: (width: number) => void }) {
  const start = useRef<{ x: number; width: number } | null>(null);
  const [dragging, setDragging] = useState(false);
  const onPointerDown = (event: ReactPointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { x: event.clientX, width };
    setDragging(true);
  };
  const onPointerMove = (event: ReactPointerEvent) => {
    if (start.current) onChange(Math.max(MIN_WIDTH, start.current.width + start.current.x - event.clientX));
  };
  const end = () => {
    start.current = null;
    setDragging(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft") onChange(width + KEY_STEP);
    else if (event.key === "ArrowRight") onChange(Math.max(MIN_WIDTH, width - KEY_STEP));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be dragged
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={t("panel.resize")}
      aria-valuenow={width}
      aria-valuemin={MIN_WIDTH}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={onKeyDown}
      className={`absolute inset-y-0 -left-1 z-10 w-2 cursor-col-resize touch-none hover:bg-selected max-lg:hidden ${dragging ? "bg-selected" : ""}`}
    />
  );
}
