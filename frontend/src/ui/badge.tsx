import type { ReactNode } from "react";

/** A small word in a frame. */
export function Badge({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <span
      title={title}
      className="inline-flex shrink-0 items-center rounded-control border border-line-strong px-1 text-11 leading-4 text-text-2"
    >
      {children}
    </span>
  );
}
