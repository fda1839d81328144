import { format, type Values } from "./format";

/** `t` for a catalogue of its own, which is loaded with the feature that speaks it. */
export function translator<Catalogue extends Readonly<Record<string, string>>>(catalogue: Catalogue) {
  return (id: keyof Catalogue & string, values?: Values): string => {
    const message = catalogue[id] ?? id;
    return values ? format(message, values) : message;
  };
}
