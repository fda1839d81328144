import { ExternalLink } from "lucide-react";
import { API_BASE } from "@/api/client";
import { useInstance } from "@/api/queries";
import { t } from "@/i18n";
import { Icon } from "@/ui/icon";

/** What the agent's programs listen on, each with a link to what it serves. */
export function PortsPane() {
  const ports = useInstance().data?.sandbox.ports ?? [];
  return (
    <section aria-label={t("panel.ports")} data-testid="panel-ports" className="h-full overflow-y-auto p-3">
      <p className="pb-2 text-12 text-text-3">{t(ports.length > 0 ? "ports.help" : "ports.empty")}</p>
      <ul className="flex flex-col">
        {ports.map(({ port, command, process_id }) => (
          <li key={port} className="flex items-center gap-3 border-t border-line py-1.5">
            <a
              href={`${API_BASE}/ports/${port}/preview`}
              target="_blank"
              rel="noopener noreferrer"
              aria-label={t("ports.open", { port: String(port) })}
              className="flex items-center gap-1 font-mono text-accent hover:underline"
            >
              {port}
              <Icon of={ExternalLink} />
            </a>
            <span className="min-w-0 truncate font-mono text-12 text-text-3" title={command}>
              {process_id ? `${process_id} · ` : ""}
              {command}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
