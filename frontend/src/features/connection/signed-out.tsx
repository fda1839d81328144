import { t } from "@/i18n";

/** Shown instead of the app when the gateway does not know this browser. */
export function SignedOut() {
  return (
    <main className="mx-auto flex h-full max-w-[52ch] flex-col justify-center gap-2 p-6">
      <h1 className="text-18 font-semibold">{t("connection.unauthorized")}</h1>
      <p className="text-14 text-text-2">{t("connection.unauthorizedHelp")}</p>
      <p className="text-14">
        <a href="/login" className="text-accent underline">
          {t("connection.toLogin")}
        </a>
      </p>
    </main>
  );
}
