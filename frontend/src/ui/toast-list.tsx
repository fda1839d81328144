import { X } from "lucide-react";
import { Toast } from "radix-ui";
import { useStore } from "zustand";
import type { NoticeLevel } from "@/api/types";
import { t } from "@/i18n";
import { Button, IconButton } from "./button";
import { Icon } from "./icon";
import { drop, type ToastItem, toasts } from "./toast";

/** How long a message stays, and with it the chance to undo. */
const UNDO_MS = 7_000;

const EDGE: Record<NoticeLevel, string> = {
  info: "border-line",
  warning: "border-waiting",
  error: "border-error",
};

/** The messages of `showToast` that are to be seen. */
export default function ToastList() {
  const items = useStore(toasts, (state) => state.items);
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
  const leave = () => drop(item);
  return (
    <Toast.Root
      // Errors are read out at once, other messages when there is a pause.
      type={item.level === "error" ? "foreground" : "background"}
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
