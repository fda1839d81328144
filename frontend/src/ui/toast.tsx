import { X } from "lucide-react";
import { Toast } from "radix-ui";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { NoticeLevel } from "@/api/types";
import { t } from "@/i18n";
import { Button, IconButton } from "./button";
import { Icon } from "./icon";

interface ToastItem {
  id: number;
  text: string;
  level: NoticeLevel;
  action?: { label: string; run: () => void };
  /** Called once when it goes away without its action having been taken. */
  onGone?: () => void;
}

const UNDO_MS = 7_000;
const store = createStore<{ items: readonly ToastItem[] }>(() => ({ items: [] }));
let lastId = 0;

/** Shows a short message at the edge of the page. */
export function showToast(toast: Omit<ToastItem, "id">): void {
  lastId += 1;
  const item = { ...toast, id: lastId };
  store.setState(({ items }) => ({ items: [...items, item] }));
}

function drop(item: ToastItem): void {
  store.setState(({ items }) => ({ items: items.filter((one) => one.id !== item.id) }));
}

const EDGE: Record<NoticeLevel, string> = {
  info: "border-line",
  warning: "border-waiting",
  error: "border-error",
};

/** Where the messages of `showToast` appear. */
export function Toaster() {
  const items = useStore(store, (state) => state.items);
  return (
    <Toast.Provider duration={UNDO_MS} swipeDirection="right">
      {items.map((item) => (
        <ToastRow key={item.id} item={item} />
      ))}
      <Toast.Viewport className="fixed right-3 bottom-3 z-50 flex w-[min(360px,calc(100vw-24px))] flex-col gap-2" />
    </Toast.Provider>
  );
}

function ToastRow({ item }: { item: ToastItem }) {
  const act = () => {
    drop(item);
    item.action?.run();
  };
  const leave = () => {
    drop(item);
    item.onGone?.();
  };
  return (
    <Toast.Root
      onOpenChange={(open) => !open && leave()}
      className={`flex items-center gap-2 rounded-card border bg-surface py-1.5 pr-1.5 pl-3 shadow-pop ${EDGE[item.level]}`}
    >
      <Toast.Description className="min-w-0 flex-1 text-13">{item.text}</Toast.Description>
      {item.action && (
        <Button kind="quiet" onClick={act} className="text-accent">
          {item.action.label}
        </Button>
      )}
      <IconButton label={t("action.close")} onClick={leave}>
        <Icon of={X} />
      </IconButton>
    </Toast.Root>
  );
}
