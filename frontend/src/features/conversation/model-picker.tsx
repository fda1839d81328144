import { useNavigate } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import { updateConversation } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { useProviders } from "@/api/queries";
import { isActive } from "@/api/status";
import type { Conversation, ModelChoice } from "@/api/types";
import { t } from "@/i18n";
import { Icon } from "@/ui/icon";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "@/ui/menu";
import { showToast } from "@/ui/toast";

/** Which model answers in this conversation; it can be changed between runs. */
export function ModelPicker({ conversation }: { conversation: Conversation }) {
  const providers = useProviders().data?.providers ?? [];
  const navigate = useNavigate();
  const running = isActive(conversation.status);
  const choose = (model: ModelChoice) => {
    updateConversation(conversation.id, { model }).catch((error: unknown) =>
      showToast({ level: "error", text: toProblem(error).title }),
    );
  };
  const trigger = (
    <button
      type="button"
      data-testid="model-picker"
      disabled={running}
      title={running ? t("header.modelLocked") : t("header.model")}
      className="tap flex max-w-44 shrink-0 items-center gap-1 rounded-control px-1.5 text-12 text-text-2 hover:bg-hover disabled:opacity-70 max-md:max-w-24"
    >
      <span className="truncate font-mono">{conversation.model.model}</span>
      <Icon of={ChevronDown} className="shrink-0" />
    </button>
  );
  return (
    <Menu trigger={trigger}>
      {providers.length === 0 && <MenuLabel>{t("header.noModels")}</MenuLabel>}
      {providers.map((provider) => (
        <div key={provider.id}>
          <MenuLabel>{provider.name}</MenuLabel>
          {provider.models.map((model) => (
            <MenuItem
              key={model}
              checked={provider.id === conversation.model.provider_id && model === conversation.model.model}
              onSelect={() => choose({ provider_id: provider.id, model })}
            >
              <span className="font-mono text-12">{model}</span>
            </MenuItem>
          ))}
        </div>
      ))}
      <MenuSeparator />
      <MenuItem onSelect={() => void navigate({ to: "/settings" })}>{t("header.addModel")}</MenuItem>
      <MenuLabel>{t("header.modelNext")}</MenuLabel>
    </Menu>
  );
}
