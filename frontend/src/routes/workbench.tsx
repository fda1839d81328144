import { Outlet, useLocation } from "@tanstack/react-router";
import { Suspense, useEffect } from "react";
import { Banners } from "@/features/connection/banners";
import { ConnectionLine } from "@/features/connection/connection-state";
import { NoticeBell } from "@/features/notifications/notice-bell";
import { Notifier } from "@/features/notifications/notifier";
import { PaletteHost } from "@/features/palette/palette-host";
import { Sidebar } from "@/features/sidebar/sidebar";
import { useDrawer } from "@/ui/drawer";
import { lazyPart } from "@/ui/lazy-part";
import { CONTENT_ID, SkipLink } from "@/ui/skip-link";
import { Begun } from "./begun";
import { GlobalActions } from "./global-actions";

const DrawerSheet = lazyPart(() => import("./drawer-sheet"), { otherwise: "over" });

/** The sidebar beside the page; on narrow screens the sidebar is a drawer. */
export function Workbench() {
  const { folded } = useDrawer();
  return (
    <div className="flex h-[var(--screen,100dvh)] min-w-0">
      <SkipLink />
      <GlobalActions />
      <PaletteHost />
      <Notifier />
      <Begun />
      {!folded && (
        <div className="hidden w-64 shrink-0 md:block">
          <Sidebar footer={<ConnectionLine />} notices={<NoticeBell />} />
        </div>
      )}
      <Drawer />
      <div className="flex min-w-0 flex-1 flex-col">
        <Banners />
        <div id={CONTENT_ID} tabIndex={-1} className="min-h-0 flex-1 outline-none">
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
  return <Suspense>{open && <DrawerSheet onClose={() => setOpen(false)} />}</Suspense>;
}
