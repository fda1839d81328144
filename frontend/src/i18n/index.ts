import { en } from "./en";
import { translator } from "./translator";

/** Names a sentence of the catalogue. */
export type MessageId = keyof typeof en;

/** The sentence with this id, with its placeholders filled in. */
export const t = translator("main", en);
