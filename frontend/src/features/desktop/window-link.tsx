import { ExternalLink } from "lucide-react";
import { t } from "@/i18n";
import { Icon } from "@/ui/icon";

/** Opens the desktop in a page of its own. */
export function WindowLink({ url }: { url: string }) {
  return (
    <a
      href={url}
      target="_blank"
      rel="noopener"
      aria-label={t("desktop.newWindow")}
      title={t("desktop.newWindow")}
      className="inline-flex size-7 items-center justify-center rounded-control text-text-2 hover:bg-hover hover:text-text pointer-coarse:size-11"
    >
      <Icon of={ExternalLink} />
    </a>
  );
}
