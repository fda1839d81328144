import { t } from "@/i18n";
import { Button } from "./button";
import { Glyph } from "./glyph";

interface SaveRowProps {
  /** Whether there is anything to save. */
  changed: boolean;
  saving: boolean;
  /** Whether the last save succeeded. */
  saved: boolean;
}

/** The button that saves a form, and word that it was saved. */
export function SaveRow({ changed, saving, saved }: SaveRowProps) {
  return (
    <div className="flex items-center gap-2">
      <Button kind="primary" type="submit" disabled={!changed || saving}>
        {t("action.save")}
      </Button>
      {saved && !changed && (
        <span role="status" className="text-12 text-ok">
          <Glyph of="check" /> {t("action.saved")}
        </span>
      )}
    </div>
  );
}
