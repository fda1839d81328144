import { useQuery } from "@tanstack/react-query";
import { providerModelsQuery } from "@/api/queries";
import { tv } from "@/i18n/en-providers";
import { formatTokens } from "@/i18n/units";
import type { ProviderSubject } from "./form-state";

interface ModelOptionsProps {
  /** The `list` of the field that offers these names. */
  id: string;
  subject: ProviderSubject;
}

/** Names of models to choose from: those that are known, then what a stored provider says it offers. */
export function ModelOptions({ id, subject }: ModelOptionsProps) {
  const { data } = useQuery({ ...providerModelsQuery(subject.id), enabled: subject.existing !== null });
  const offered = data?.models ?? [];
  const windows = new Map(offered.map(({ name, context_window }) => [name, context_window]));
  const names = new Set([...subject.knownModels, ...offered.map(({ name }) => name)]);
  return (
    <datalist id={id}>
      {[...names].map((name) => {
        const tokens = windows.get(name);
        return (
          <option key={name} value={name}>
            {tokens ? tv("provider.modelWindow", { tokens: formatTokens(tokens) }) : null}
          </option>
        );
      })}
    </datalist>
  );
}
