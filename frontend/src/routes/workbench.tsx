import { Outlet, useLocation } from "@tanstack/react-router";
import { Dialog } from "radix-ui";
import { useEffect } from "react";
import { Banners } from "@/features/connection/banners";
import { ConnectionLine } from "@/features/connection/connection-state";
import { Sidebar } from "@/features/sidebar/sidebar";
import { t } from "@/i18n";
import { useDrawer } from "@/ui/drawer";

/** The sidebar beside the page; on narrow screens the sidebar is a drawer. */
export function Workbench() {
  return (
    <div className="flex h-dvh min-w-0">
      <div className="hidden w-64 shrink-0 md:block">
        <Sidebar footer={<ConnectionLine />} />
      </div>
      <Drawer />
      <div className="flex min-w-0 flex-1 flex-col">
        <Banners />
        <div className="min-h-0 flex-1">
          <Outlet />
        </div>
      </div>
    </div>
  );
}

function Drawer() {
  const { open, setOpen } = useDrawer();
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: going somewhere closes it
  useEffect(() => setOpen(false), [pathname]);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-scrim md:hidden" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-40 w-[min(300px,86vw)] bg-canvas md:hidden"
        >
          <Dialog.Title className="sr-only">{t("sidebar.label")}</Dialog.Title>
          <Sidebar footer={<ConnectionLine />} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
