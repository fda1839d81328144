import { X } from "lucide-react";
import { t } from "@/i18n";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import type { Attached } from "./attachments";

/** What goes with the next message. */
export function AttachmentList({
  items,
  onRemove,
}: {
  items: readonly Attached[];
  onRemove: (id: string) => void;
}) {
  if (items.length === 0) return null;
  return (
    <ul
      aria-label={t("composer.attachments")}
      data-testid="attachments"
      className="flex flex-wrap gap-1.5 px-2 pt-2"
    >
      {items.map(({ id, name, sent, problem }) => (
        <li
          key={id}
          data-state={problem ? "failed" : sent ? "done" : "sending"}
          className="flex max-w-full items-center gap-1 rounded-control border border-line bg-sunken pl-2 text-12"
        >
          <span className="min-w-0 truncate" title={sent?.path ?? name}>
            {name}
          </span>
          {problem && (
            <span role="alert" className="text-error">
              {problem}
            </span>
          )}
          {!problem && !sent && <span className="text-text-3">{t("composer.attaching")}</span>}
          <IconButton label={t("composer.detach", { name })} onClick={() => onRemove(id)}>
            <Icon of={X} />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
