import type { Payment, Provider, ProviderPreset, SaveProvider } from "@/api/types";
import { tv } from "@/i18n/en-providers";

/** What the person has entered about a provider. */
export interface ProviderDraft {
  name: string;
  baseUrl: string;
  key: string;
  model: string;
  /** Whether its models see pictures. */
  sees: Sees;
  /** How what its models use is paid for. */
  payment: Payment;
}

/** What the person knows of a provider's models; `known` leaves it to what Slipway knows of each. */
export type Sees = "known" | "yes" | "no";

const SEES: Record<Sees, boolean | undefined> = { known: undefined, yes: true, no: false };

/** What a form is about: a known provider to add, or one that is there already. */
export interface ProviderSubject {
  /** Where it is stored. */
  id: string;
  profile: string;
  keyUrl: string;
  needsKey: boolean;
  /** Whether a key is stored already. */
  hasKey: boolean;
  knownModels: readonly string[];
  initial: ProviderDraft;
  existing: Provider | null;
}

export function subjectOfPreset(preset: ProviderPreset, taken: readonly Provider[]): ProviderSubject {
  return {
    id: freeId(preset.profile, taken),
    profile: preset.profile,
    keyUrl: preset.key_url,
    needsKey: preset.needs_key,
    hasKey: false,
    knownModels: preset.models,
    initial: {
      name: preset.name,
      baseUrl: preset.base_url,
      key: "",
      model: preset.models[0] ?? "",
      sees: "known",
      payment: preset.payment ?? "by_use",
    },
    existing: null,
  };
}

export function subjectOfProvider(provider: Provider, presets: readonly ProviderPreset[]): ProviderSubject {
  const preset = presets.find(({ profile }) => profile === provider.profile);
  return {
    id: provider.id,
    profile: provider.profile,
    keyUrl: preset?.key_url ?? "",
    needsKey: preset?.needs_key ?? false,
    hasKey: provider.has_key,
    knownModels: [...new Set([...provider.models, ...(preset?.models ?? [])])],
    initial: {
      name: provider.name,
      baseUrl: provider.base_url,
      key: "",
      model: provider.models[0] ?? "",
      sees: provider.sees == null ? "known" : provider.sees ? "yes" : "no",
      payment: provider.payment ?? "by_use",
    },
    existing: provider,
  };
}

/** An id that no other provider has, made from the profile's name. */
function freeId(profile: string, taken: readonly Provider[]): string {
  const used = new Set(taken.map(({ id }) => id));
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? profile : `${profile}-${number}`;
    if (!used.has(id)) return id;
  }
}

/** What would be saved. */
export function toSave(subject: ProviderSubject, draft: ProviderDraft): SaveProvider {
  const others = subject.knownModels.filter((model) => model !== draft.model.trim());
  const key = draft.key.trim();
  return {
    profile: subject.profile,
    name: draft.name.trim() || subject.initial.name,
    base_url: draft.baseUrl.trim(),
    ...(key !== "" && { api_key: key }),
    models: [draft.model.trim(), ...others],
    extra_body: subject.existing?.extra_body ?? {},
    sees: SEES[draft.sees],
    payment: draft.payment,
  };
}

export type DraftErrors = Partial<Record<keyof ProviderDraft, string>>;

/** What is wrong with the draft, by field. */
export function checkDraft(subject: ProviderSubject, draft: ProviderDraft): DraftErrors {
  const errors: DraftErrors = {};
  if (!/^https?:\/\/\S+$/.test(draft.baseUrl.trim())) errors.baseUrl = tv("provider.needUrl");
  if (subject.needsKey && !subject.hasKey && draft.key.trim() === "") errors.key = tv("provider.needKey");
  if (draft.model.trim() === "") errors.model = tv("provider.needModel");
  return errors;
}
