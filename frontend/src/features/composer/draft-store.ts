import { getDraft, saveDraft } from "@/api/drafts";
import { readStored, writeStored } from "@/platform/storage";
import { type LocalDraft, merged, NO_DRAFT } from "./draft-state";

/** How long after the last key the server is told. */
const PAUSE_MS = 600;
/** Longest text that the server keeps, in UTF-16 units, so that it fits in bytes too. */
const MAX_LENGTH = 80_000;

/** The draft of one conversation, or of a new one: kept here at once, and on the server soon after. */
export class DraftStore {
  readonly #scope: string;
  readonly #show: (text: string) => void;
  #local: LocalDraft;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving = false;
  #closed = false;

  /** `show` is told of every text that comes from elsewhere. */
  constructor(scope: string, show: (text: string) => void) {
    this.#scope = scope;
    this.#show = show;
    this.#local = read(scope);
  }

  /** Asks the server what it has. */
  open(): void {
    this.#closed = false;
    getDraft(this.#id)
      .then((remote) => this.#take(merged(this.#local, remote)))
      .catch(() => {}); // It is kept here; the server is told when it can be.
  }

  /** Tells the server at once what it does not know yet. */
  close(): void {
    this.#closed = true;
    this.#soon(0);
  }

  change(text: string): void {
    this.#keep({ ...this.#local, text, dirty: true });
    // What was sent must not come back elsewhere.
    this.#soon(text === "" ? 0 : PAUSE_MS);
  }

  get #id(): string | null {
    return this.#scope === "new" ? null : this.#scope;
  }

  #keep(draft: LocalDraft): void {
    this.#local = draft;
    // Whoever has come after this one may have written something else.
    if (!this.#closed || read(this.#scope).text === draft.text) write(this.#scope, draft);
  }

  #take(draft: LocalDraft): void {
    const shown = this.#local.text;
    this.#keep(draft);
    if (draft.text !== shown && !this.#closed) this.#show(draft.text);
    if (draft.dirty) this.#soon(PAUSE_MS);
  }

  #soon(wait: number): void {
    clearTimeout(this.#timer);
    if (!this.#local.dirty) return;
    if (wait === 0) void this.#save();
    else this.#timer = setTimeout(() => void this.#save(), wait);
  }

  async #save(): Promise<void> {
    const { text } = this.#local;
    // One after the other: the next save takes what was typed meanwhile.
    if (this.#saving || !this.#local.dirty || text.length > MAX_LENGTH) return;
    this.#saving = true;
    try {
      const answer = await saveDraft(this.#id, { text, edited_at: Date.now() });
      const own = answer.text === text;
      if (own) this.#keep({ ...this.#local, base: answer.edited_at, dirty: this.#local.text !== text });
      else this.#take(merged(this.#local, answer));
    } catch {
      // It stays here, and is saved with the next key or visit.
      return;
    } finally {
      this.#saving = false;
    }
    if (this.#local.dirty) this.#soon(this.#local.text === "" ? 0 : PAUSE_MS);
  }
}

const textKey = (scope: string) => `slipway.draft.${scope}`;
const stateKey = (scope: string) => `slipway.draftState.${scope}`;

/** What this browser has kept. */
export function read(scope: string): LocalDraft {
  const text = readStored(textKey(scope)) ?? "";
  const [base = "", dirty = ""] = (readStored(stateKey(scope)) ?? "").split(" ");
  if (base === "") return { ...NO_DRAFT, text, dirty: text !== "" };
  return { text, base: Number(base) || 0, dirty: dirty === "dirty" };
}

function write(scope: string, { text, base, dirty }: LocalDraft): void {
  writeStored(textKey(scope), text === "" ? null : text);
  writeStored(stateKey(scope), `${base} ${dirty ? "dirty" : "saved"}`);
}
