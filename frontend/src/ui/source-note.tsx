import type { SettingSource } from "@/api/types";
import { t } from "@/i18n";
import { Badge } from "./badge";

interface SourceNoteProps {
  source: SettingSource | undefined;
  /** Why a change has to wait, if it has. */
  later?: string;
}

/** Where a setting's value comes from, and whether a change has to wait. */
export function SourceNote({ source = "default", later }: SourceNoteProps) {
  return (
    <span className="flex gap-1 pt-1">
      <Badge>{t(`source.${source}`)}</Badge>
      {later && <Badge title={later}>{t("source.later")}</Badge>}
    </span>
  );
}
