/** The properties of a key event that shortcuts look at. */
export type Stroke = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

const MODIFIERS = ["Mod", "Alt", "Shift"] as const;
const MODIFIER_KEYS = new Set(["Control", "Meta", "Alt", "Shift", "AltGraph", "CapsLock", "Dead"]);

/** Whether this machine has a ⌘ key. */
export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/**
 * A pressed key in the notation of shortcuts, such as `Mod+Shift+O`; null for a modifier alone. Signs keep no
 * Shift or AltGr, because which signs need these differs between keyboards.
 */
export function strokeOf(event: Stroke, mac = isMac): string | null {
  if (MODIFIER_KEYS.has(event.key)) return null;
  const isLetter = /^\p{L}$/u.test(event.key);
  const isSign = event.key.length === 1 && !isLetter && event.key !== " ";
  const isAltGr = isSign && event.ctrlKey && event.altKey;
  const held: Record<(typeof MODIFIERS)[number], boolean> = {
    Mod: !isAltGr && (mac ? event.metaKey : event.ctrlKey),
    Alt: !isAltGr && event.altKey,
    Shift: !isSign && event.shiftKey,
  };
  const key = isLetter ? event.key.toUpperCase() : event.key === " " ? "Space" : event.key;
  // Plain letters are written small, as they are typed: `] c`.
  const alone = isLetter && !MODIFIERS.some((modifier) => held[modifier]);
  return [...MODIFIERS.filter((modifier) => held[modifier]), alone ? event.key.toLowerCase() : key].join("+");
}

/** Whether a stroke types something, so that it must not be taken while a text field has the focus. */
export function isTyping(stroke: string): boolean {
  return !/^(Mod|Alt)\+|^(Shift\+)?F\d+$|^Escape$/.test(stroke);
}

const NAMES: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
};

/** Keys as they are printed on a keyboard: each stroke of `keys` as a list of its keys. */
export function keysInWords(keys: string, mac = isMac): string[][] {
  const names: Record<string, string> = {
    ...NAMES,
    Mod: mac ? "⌘" : "Ctrl",
    ...(mac ? { Alt: "⌥", Shift: "⇧" } : {}),
  };
  return keys.split(" ").map((stroke) => {
    // The last plus may be the key itself.
    const parts = stroke.split(/\+(?=.)/);
    return parts.map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part));
  });
}
