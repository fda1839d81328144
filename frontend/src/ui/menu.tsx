import type { ReactElement, ReactNode } from "react";
import { Deferred, deferred } from "./deferred";

export interface MenuProps {
  /** The button that opens it. */
  trigger: ReactElement;
  align?: "start" | "end";
  side?: "top" | "bottom";
  children: ReactNode;
}

export interface MenuItemProps {
  icon?: ReactNode;
  /** A second, quieter line. */
  note?: string;
  danger?: boolean;
  disabled?: boolean;
  checked?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

const parts = deferred(() => import("./menu-parts"));

/** A menu that opens from a button. */
export function Menu(props: MenuProps) {
  return (
    <Deferred parts={parts} trigger={props.trigger} popup="menu">
      {(loaded, startsOpen) => <loaded.Menu {...props} startsOpen={startsOpen} />}
    </Deferred>
  );
}

/** What can be chosen in a menu. */
export function MenuItem(props: MenuItemProps) {
  const Item = parts.loaded?.MenuItem;
  return Item && <Item {...props} />;
}

/** A heading in a menu. */
export function MenuLabel({ children }: { children: ReactNode }) {
  const Label = parts.loaded?.MenuLabel;
  return Label && <Label>{children}</Label>;
}

/** A line between parts of a menu. */
export function MenuSeparator() {
  const Separator = parts.loaded?.MenuSeparator;
  return Separator && <Separator />;
}
