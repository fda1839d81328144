import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { t } from "@/i18n";
import { IconButton } from "./button";
import { useGiveBack } from "./give-back";
import { Icon } from "./icon";

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string;
  children: ReactNode;
}

/** A question or form over the page; traps focus and gives it back. */
export function Dialog({ open, onOpenChange, title, description, children }: DialogProps) {
  const giveBack = useGiveBack();
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Primitive.Content
          {...giveBack}
          {...(description ? {} : { "aria-describedby": undefined })}
          className="fixed top-[18%] left-1/2 z-50 flex max-h-[76dvh] w-[min(480px,calc(100vw-24px))] -translate-x-1/2 flex-col gap-3 overflow-y-auto rounded-dialog border border-line bg-surface p-4 shadow-pop"
        >
          <div className="flex items-start justify-between gap-3">
            <Primitive.Title className="text-15 font-semibold">{title}</Primitive.Title>
            <Primitive.Close asChild>
              <IconButton label={t("action.close")} className="-mt-1 -mr-1">
                <Icon of={X} />
              </IconButton>
            </Primitive.Close>
          </div>
          {description && (
            <Primitive.Description className="text-text-2">{description}</Primitive.Description>
          )}
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
