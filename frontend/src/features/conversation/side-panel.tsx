import {
  type KeyboardEvent,
  type ReactNode,
  type PointerEvent as ReactPointerEvent,
  Suspense,
  useRef,
  useState,
} from "react";
import { t } from "@/i18n";
import { lazyPart } from "@/ui/lazy-part";
import { useStored } from "@/ui/use-stored";

/** What is in the panel; loaded ahead of its first opening, so that it is there at once. */
export const PanelTabs = lazyPart(() => import("./panel-tabs"));

const MIN_WIDTH = 320;
const DEFAULT_WIDTH = 520;
const KEY_STEP = 32;

export interface PanelTab {
  name: string;
  label: string;
  /** How many of what it shows there are. */
  badge?: ReactNode;
  content: ReactNode;
  /** Whether it goes on while another tab shows, and rests by itself; others stop and keep what they show. */
  staysAwake?: boolean;
}

export interface SidePanelProps {
  tabs: PanelTab[];
  active: string;
  onChange: (name: string) => void;
  onClose: () => void;
}

/** Tabs beside the conversation; covers it on narrow screens. */
export function SidePanel(panel: SidePanelProps) {
  const [stored, setStored] = useStored("slipway.panelWidth");
  const width = Math.max(MIN_WIDTH, Number(stored) || DEFAULT_WIDTH);
  return (
    <aside
      aria-label={t("panel.label")}
      style={{ ["--panel-width" as string]: `${width}px` }}
      className="relative flex h-full w-[min(var(--panel-width),60vw)] shrink-0 flex-col border-l border-line bg-surface max-lg:fixed max-lg:inset-0 max-lg:z-20 max-lg:w-full max-lg:border-0 max-md:bottom-12"
    >
      <Resizer width={width} onChange={(next) => setStored(String(Math.round(next)))} />
      <Suspense fallback={<Loading />}>
        <PanelTabs {...panel} />
      </Suspense>
    </aside>
  );
}

/** Keeps the place of the tabs and of what they show. */
function Loading() {
  return (
    <>
      <div className="h-11 shrink-0 border-b border-line pointer-coarse:h-[45px]" />
      <p className="p-6 text-center text-text-2">{t("app.loading")}</p>
    </>
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
