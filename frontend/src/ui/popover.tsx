import type { ReactElement, ReactNode } from "react";
import { Deferred, deferred } from "./deferred";

export interface PopoverProps {
  /** The button that opens it. */
  trigger: ReactElement;
  label: string;
  children: ReactNode;
}

const parts = deferred(() => import("./popover-parts"));

/** A small panel that opens from a button. */
export function Popover(props: PopoverProps) {
  return (
    <Deferred parts={parts} trigger={props.trigger} popup="dialog">
      {(loaded, startsOpen) => <loaded.Popover {...props} startsOpen={startsOpen} />}
    </Deferred>
  );
}
