import { Dialog } from "radix-ui";
import { ConnectionLine } from "@/features/connection/connection-state";
import { NoticeBell } from "@/features/notifications/notice-bell";
import { Sidebar } from "@/features/sidebar/sidebar";
import { t } from "@/i18n";
import { useGiveBack } from "@/ui/give-back";

/** The sidebar over the page, on narrow screens. */
export default function DrawerSheet({ onClose }: { onClose: () => void }) {
  const giveBack = useGiveBack();
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-scrim md:hidden" />
        <Dialog.Content
          {...giveBack}
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-40 w-[min(300px,86vw)] bg-canvas md:hidden"
        >
          <Dialog.Title className="sr-only">{t("sidebar.label")}</Dialog.Title>
          <Sidebar footer={<ConnectionLine />} notices={<NoticeBell />} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
