import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { deleteProvider } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { providersQuery, useProviders } from "@/api/queries";
import type { ModelChoice, Provider, ProviderList as Providers } from "@/api/types";
import { t } from "@/i18n";
import { tc } from "@/i18n/en-cost";
import { tv } from "@/i18n/en-providers";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Icon } from "@/ui/icon";
import { showToast } from "@/ui/toast";
import { AddProvider } from "./add-provider";
import { subjectOfProvider } from "./form-state";
import { ProviderForm } from "./provider-form";

/** The configured providers: edit, delete, make default, add. */
export function ProviderList({ onDefault }: { onDefault: (choice: ModelChoice) => void }) {
  const list = useProviders().data;
  const queries = useQueryClient();
  const [editing, setEditing] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<Provider | null>(null);
  if (!list) return null;

  const added = (choice: ModelChoice) => {
    setAdding(false);
    const current = list.providers.find(({ id }) => id === list.default_model.provider_id);
    // Whoever adds a model to a script wants it to do the work.
    if (current?.scripted ?? true) onDefault(choice);
  };
  const destroy = (provider: Provider) => {
    setDeleting(null);
    deleteProvider(provider.id)
      .catch((error: unknown) => showToast({ level: "error", text: toProblem(error).title }))
      .finally(() => void queries.invalidateQueries({ queryKey: providersQuery.queryKey }));
  };
  return (
    <div className="flex flex-col gap-3">
      <ul className="flex flex-col rounded-card border border-line bg-surface">
        {list.providers.map((provider) => (
          <li key={provider.id} className="border-line not-first:border-t">
            <ProviderRow
              provider={provider}
              list={list}
              onDefault={onDefault}
              onEdit={() => setEditing(editing === provider.id ? null : provider.id)}
              onDelete={() => setDeleting(provider)}
            />
            {editing === provider.id && (
              <div className="border-t border-line p-3">
                <ProviderForm
                  subject={subjectOfProvider(provider, list.presets)}
                  onSaved={() => setEditing(null)}
                  onCancel={() => setEditing(null)}
                />
              </div>
            )}
          </li>
        ))}
      </ul>
      {adding ? (
        <AddProvider onSaved={added} onCancel={() => setAdding(false)} />
      ) : (
        <div>
          <Button icon={<Icon of={Plus} />} onClick={() => setAdding(true)}>
            {tv("provider.add")}
          </Button>
        </div>
      )}
      {deleting && (
        <Dialog
          open
          onOpenChange={() => setDeleting(null)}
          title={tv("provider.deleteTitle", { name: deleting.name })}
          description={tv("provider.deleteHelp")}
        >
          <div className="flex justify-end gap-2">
            <Button onClick={() => setDeleting(null)}>{t("action.cancel")}</Button>
            <Button kind="danger" onClick={() => destroy(deleting)}>
              {t("action.delete")}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

interface ProviderRowProps {
  provider: Provider;
  list: Providers;
  onDefault: (choice: ModelChoice) => void;
  onEdit: () => void;
  onDelete: () => void;
}

function ProviderRow({ provider, list, onDefault, onEdit, onDelete }: ProviderRowProps) {
  const isDefault = provider.id === list.default_model.provider_id;
  const model = isDefault ? list.default_model.model : (provider.models[0] ?? "");
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2 font-medium">
          {provider.name}
          {provider.scripted && <Badge title={t("sidebar.scriptedHelp")}>{t("sidebar.scripted")}</Badge>}
          {isDefault && <Badge>{tv("provider.isDefault")}</Badge>}
        </p>
        <p className="truncate text-12 text-text-3">
          <span className="font-mono">{model}</span>
          {!provider.scripted && ` · ${tv(provider.has_key ? "provider.hasKey" : "provider.noKey")}`}
          {provider.payment === "flat_plan" && ` · ${tc("flatPlan")}`}
        </p>
      </div>
      {!isDefault && (
        <Button kind="quiet" onClick={() => onDefault({ provider_id: provider.id, model })}>
          {tv("provider.makeDefault")}
        </Button>
      )}
      {provider.origin === "environment" && <Badge>{tv("provider.fromEnvironment")}</Badge>}
      {!provider.scripted && provider.origin !== "environment" && (
        <>
          <Button kind="quiet" onClick={onEdit}>
            {tv("provider.edit")}
          </Button>
          <Button kind="quiet" onClick={onDelete}>
            {t("action.delete")}
          </Button>
        </>
      )}
    </div>
  );
}
