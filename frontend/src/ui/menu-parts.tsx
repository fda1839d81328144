import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { classes } from "./classes";
import type { StartsOpen } from "./deferred";
import { Glyph } from "./glyph";
import type { MenuItemProps, MenuProps } from "./menu";

/** A menu that opens from a button. */
export function Menu({
  trigger,
  align = "end",
  side = "bottom",
  startsOpen,
  children,
}: MenuProps & StartsOpen) {
  return (
    <DropdownMenu.Root modal={false} defaultOpen={startsOpen}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-[60dvh] min-w-44 overflow-y-auto rounded-card border border-line bg-surface p-1 shadow-pop"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem({ icon, note, danger, disabled, checked, onSelect, children }: MenuItemProps) {
  const Item = checked === undefined ? DropdownMenu.Item : DropdownMenu.CheckboxItem;
  return (
    <Item
      {...(checked === undefined ? {} : { checked })}
      disabled={disabled}
      onSelect={onSelect}
      className={classes(
        "tap flex items-center gap-2 rounded-control px-2 py-1 text-13 outline-none data-[disabled]:opacity-50 data-[highlighted]:bg-hover",
        danger ? "text-error" : "text-text",
      )}
    >
      {icon}
      <span className="flex min-w-0 flex-col">
        <span className="truncate">{children}</span>
        {note && <span className="truncate text-12 text-text-3">{note}</span>}
      </span>
      {checked && <Glyph of="check" className="ml-auto text-accent" />}
    </Item>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-11 text-text-3">{children}</DropdownMenu.Label>;
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />;
}
