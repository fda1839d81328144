import pixelmatch from "pixelmatch";
import type { Picture } from "./png";

/** How much two pictures may differ. */
export interface Tolerance {
  /** How unlike two colours may be, from 0 to 1, as eyes see it. */
  colour: number;
  /** Share of the pixels that may be more unlike than that. */
  share: number;
  /** Whether the edges of letters and lines count: thin letters are nothing else. */
  edges: boolean;
}

/**
 * On the browser that took the references everything is the same but for colours that the palette has no place
 * for: seven steps of 255 are seen, and so are five pixels of 100,000, less than a status glyph has.
 */
export const EXACT: Tolerance = { colour: 0.025, share: 0.000_04, edges: true };

/** Another version of the browser draws letters and controls a little differently. */
export const COARSE: Tolerance = { colour: 0.1, share: 0.01, edges: false };

export interface Difference {
  /** How many pixels are unlike, and how many may be. */
  pixels: number;
  allowed: number;
  /** The picture with those marked; absent where the sizes differ. */
  marked: Picture | null;
}

/** What differs between a picture and its reference. */
export function difference(
  reference: Picture,
  now: Picture,
  { colour, share, edges }: Tolerance,
): Difference {
  const { width, height } = reference;
  const allowed = Math.floor(width * height * share);
  if (now.width !== width || now.height !== height)
    return { pixels: Math.max(width * height, now.width * now.height), allowed, marked: null };
  const data = new Uint8Array(width * height * 4);
  const pixels = pixelmatch(reference.data, now.data, data, width, height, {
    threshold: colour,
    includeAA: edges,
  });
  return { pixels, allowed, marked: { width, height, data } };
}

export const isSame = ({ pixels, allowed }: Difference): boolean => pixels <= allowed;
