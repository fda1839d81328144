import { format, type Values } from "./format";
import { type CatalogueName, sentence } from "./locale";

/** `t` for a catalogue of its own, which is loaded with the feature that speaks it. */
export function translator<Catalogue extends Readonly<Record<string, string>>>(
  name: CatalogueName,
  catalogue: Catalogue,
) {
  return (id: keyof Catalogue & string, values?: Values): string => {
    const message = sentence(name, id, catalogue[id] ?? id);
    return values ? format(message, values) : message;
  };
}
