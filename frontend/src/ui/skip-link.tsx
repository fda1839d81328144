import { t } from "@/i18n";

/** Where the skip link leads. */
export const CONTENT_ID = "content";

/** The first stop of the Tab key: past the list of conversations. */
export function SkipLink() {
  return (
    <a
      href={`#${CONTENT_ID}`}
      data-testid="skip-link"
      onClick={(event) => {
        // The address belongs to the router.
        event.preventDefault();
        document.getElementById(CONTENT_ID)?.focus();
      }}
      className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-control focus:border focus:border-line-strong focus:bg-surface focus:px-3 focus:py-1.5"
    >
      {t("app.skip")}
    </a>
  );
}
