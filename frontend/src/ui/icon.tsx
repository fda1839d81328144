import type { LucideIcon } from "lucide-react";

/** An icon at the size and weight that all icons here have; never the only carrier of meaning. */
export function Icon({ of: Glyph, className }: { of: LucideIcon; className?: string }) {
  return <Glyph aria-hidden="true" size={16} strokeWidth={1.5} className={className} />;
}
