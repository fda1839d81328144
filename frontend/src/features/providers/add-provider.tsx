import { useState } from "react";
import { useProviders } from "@/api/queries";
import type { ModelChoice, ProviderPreset } from "@/api/types";
import { tv } from "@/i18n/en-providers";
import { subjectOfPreset } from "./form-state";
import { ProviderForm } from "./provider-form";

/** Choose a provider, then fill in what it needs. */
export function AddProvider({
  onSaved,
  onCancel,
}: {
  onSaved: (choice: ModelChoice) => void;
  onCancel?: () => void;
}) {
  const list = useProviders().data;
  const [chosen, setChosen] = useState<ProviderPreset | null>(null);
  if (!list) return null;
  return (
    <div className="flex flex-col gap-4">
      <fieldset>
        <legend className="pb-1.5 text-12 font-medium text-text-2">{tv("provider.choose")}</legend>
        <div className="grid grid-cols-2 gap-1.5 sm:grid-cols-3">
          {list.presets.map((preset) => (
            <PresetCard
              key={preset.profile}
              preset={preset}
              chosen={preset === chosen}
              onChoose={() => setChosen(preset)}
            />
          ))}
        </div>
      </fieldset>
      {chosen && (
        <ProviderForm
          key={chosen.profile}
          subject={subjectOfPreset(chosen, list.providers)}
          onSaved={onSaved}
          onCancel={onCancel}
        />
      )}
    </div>
  );
}

interface PresetCardProps {
  preset: ProviderPreset;
  chosen: boolean;
  onChoose: () => void;
}

function PresetCard({ preset, chosen, onChoose }: PresetCardProps) {
  return (
    <label
      data-testid="preset"
      data-profile={preset.profile}
      className={`tap flex min-w-0 cursor-pointer flex-col justify-center rounded-card border px-2.5 py-1.5 has-focus-visible:outline-2 has-focus-visible:outline-accent ${chosen ? "border-accent bg-selected" : "border-line bg-surface hover:border-line-strong"}`}
    >
      <input
        type="radio"
        name="preset"
        className="sr-only"
        checked={chosen}
        onChange={onChoose}
        onClick={onChoose}
      />
      <span className="truncate font-medium">{preset.name}</span>
      <span className="truncate font-mono text-11 text-text-3">{summary(preset)}</span>
    </label>
  );
}

function summary(preset: ProviderPreset): string {
  if (preset.base_url === "") return tv("provider.custom");
  return preset.needs_key ? (preset.models[0] ?? preset.profile) : tv("provider.local");
}
