/** How a stretch of terminal text looks. Colours are 0 to 15 of the palette, or `#rrggbb`. */
export interface AnsiStyle {
  foreground?: number | string;
  background?: number | string;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
  strike?: boolean;
  inverse?: boolean;
}

/** The plain look. */
export const PLAIN: AnsiStyle = {};

/** The look after `ESC [ … m` with these numbers. */
export function applySgr(style: AnsiStyle, codes: readonly number[]): AnsiStyle {
  let next = { ...style };
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const { colour, used } = extendedColour(codes.slice(at + 1));
      next[code === 38 ? "foreground" : "background"] = colour;
      at += used;
    } else next = applyOne(next, code);
  }
  return next;
}

function applyOne(style: AnsiStyle, code: number): AnsiStyle {
  if (code === 0) return {};
  if (code >= 30 && code <= 37) return { ...style, foreground: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, foreground: code - 82 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 92 };
  return { ...style, ...SWITCHES[code] };
}

const SWITCHES: Record<number, AnsiStyle> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  22: { bold: undefined, dim: undefined },
  23: { italic: undefined },
  24: { underline: undefined },
  27: { inverse: undefined },
  29: { strike: undefined },
  39: { foreground: undefined },
  49: { background: undefined },
};

function extendedColour(rest: readonly number[]): { colour: number | string | undefined; used: number } {
  const [kind, a = 0, b = 0, c = 0] = rest;
  if (kind === 5) return { colour: indexed(a), used: 2 };
  if (kind === 2) return { colour: hex(a, b, c), used: 4 };
  return { colour: undefined, used: rest.length };
}

/** A colour of the 256-colour table. */
function indexed(index: number): number | string {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return hex(grey, grey, grey);
  }
  const level = (n: number) => (n === 0 ? 0 : 55 + n * 40);
  const cube = index - 16;
  return hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function hex(...parts: number[]): string {
  return `#${parts.map((part) => Math.min(255, part).toString(16).padStart(2, "0")).join("")}`;
}
