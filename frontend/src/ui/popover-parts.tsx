import { Popover as Primitive } from "radix-ui";
import type { StartsOpen } from "./deferred";
import type { PopoverProps } from "./popover";

/** A small panel that opens from a button. */
export function Popover({ trigger, label, startsOpen, children }: PopoverProps & StartsOpen) {
  return (
    <Primitive.Root defaultOpen={startsOpen}>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          aria-label={label}
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 w-72 rounded-card border border-line bg-surface p-3 shadow-pop outline-none"
        >
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
