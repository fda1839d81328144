import { Link } from "@tanstack/react-router";
import { t } from "@/i18n";

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <main className="flex h-full flex-col items-center justify-center gap-2">
      <p className="text-15">{t("app.notFound")}</p>
      <Link to="/" className="text-accent underline">
        {t("app.home")}
      </Link>
    </main>
  );
}
