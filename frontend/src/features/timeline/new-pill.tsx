import { ArrowDown } from "lucide-react";
import { useState } from "react";
import { t } from "@/i18n";
import { Icon } from "@/ui/icon";

interface NewPillProps {
  rows: number;
  /** Whether the newest messages are not among the rows. */
  inPast: boolean;
  onClick: () => void;
}

/** The way back to the end, with the number of rows that came while the person was elsewhere. */
export function NewPill({ rows, inPast, onClick }: NewPillProps) {
  const [seen] = useState(rows);
  return (
    <button
      type="button"
      data-testid="new-pill"
      onClick={onClick}
      className="tap absolute bottom-2 left-1/2 flex -translate-x-1/2 items-center gap-1.5 rounded-control border border-line-strong bg-surface px-2.5 text-12 shadow-pop hover:bg-sunken"
    >
      <Icon of={ArrowDown} />
      {t("timeline.new", { n: inPast ? 0 : Math.max(0, rows - seen) })}
    </button>
  );
}
