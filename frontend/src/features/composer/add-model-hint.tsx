import { Link } from "@tanstack/react-router";
import { useProviders } from "@/api/queries";
import { t } from "@/i18n";

/** The way to a first model, while only the demo's script could answer; what was written stays where it is. */
export function AddModelHint() {
  const providers = useProviders().data?.providers;
  if (!providers?.every((provider) => provider.scripted)) return null;
  return (
    <p data-testid="add-model" className="flex flex-wrap items-baseline gap-x-2 pb-1.5 text-text-2">
      <Link to="/setup" className="tap content-center font-medium text-accent underline">
        {t("composer.addModel")}
      </Link>
      <span className="text-12 text-text-3">{t("composer.addModelHelp")}</span>
    </p>
  );
}
