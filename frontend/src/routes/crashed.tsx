import type { ErrorComponentProps } from "@tanstack/react-router";
import { t } from "@/i18n";
import { Button } from "@/ui/button";

/** A page whose code failed; the rest of the app goes on. */
export function Crashed({ error }: ErrorComponentProps) {
  return (
    <main role="alert" className="mx-auto flex h-full max-w-[60ch] flex-col justify-center gap-3 p-6">
      <h1 className="text-18 font-semibold">{t("app.crashed")}</h1>
      <pre className="overflow-x-auto rounded-card bg-sunken p-3 text-12">
        {error instanceof Error ? error.message : String(error)}
      </pre>
      <div>
        <Button kind="primary" onClick={() => location.reload()}>
          {t("app.reload")}
        </Button>
      </div>
    </main>
  );
}
