import { en } from "./en";
import { format, type Values } from "./format";

/** Names a sentence of the catalogue. */
export type MessageId = keyof typeof en;

/** The sentence with this id, with its placeholders filled in. */
export function t(id: MessageId, values?: Values): string {
  return values ? format(en[id], values) : en[id];
}
