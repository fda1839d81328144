import type { ReactNode } from "react";

interface SectionProps {
  title: string;
  /** Stands at the end of the title's line. */
  note?: ReactNode;
  children: ReactNode;
}

/** A part of the tab that is always open. */
export function Section({ title, note, children }: SectionProps) {
  return (
    <section aria-label={title} className="flex flex-col gap-1 border-t border-line py-2.5">
      <h3 className="flex items-baseline justify-between gap-2 text-12 font-medium text-text-2">
        <span>{title}</span>
        <span className="text-text-3">{note}</span>
      </h3>
      {children}
    </section>
  );
}

/** A part that is opened when it is wanted. */
export function Fold({ title, note, children }: SectionProps) {
  return (
    <details className="border-t border-line py-2.5">
      <summary className="tap cursor-pointer content-center text-12 font-medium text-text-2">
        {title} <span className="font-normal text-text-3">{note}</span>
      </summary>
      <div className="flex flex-col gap-1 pt-1.5">{children}</div>
    </details>
  );
}
