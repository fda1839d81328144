import { crc32, deflateSync } from "node:zlib";
import { PNG } from "pngjs";

/** A picture: four bytes for each pixel, from the top left on. */
export interface Picture {
  width: number;
  height: number;
  data: Uint8Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Colours that one byte can name. */
const COLOURS = 256;

/** Reads a PNG. */
export function decoded(png: Buffer): Picture {
  return PNG.sync.read(png);
}

/** A PNG with every colour, as large as that makes it. */
export function encoded({ width, height, data }: Picture): Buffer {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data);
  return PNG.sync.write(png);
}

/** A PNG of at most 256 colours, for pictures that are kept: a quarter of the size. */
export function reduced(picture: Picture): Buffer {
  const { width, height, data } = picture;
  const counts = new Map<number, number>();
  const colourAt = (pixel: number) =>
    ((data[pixel * 4] ?? 0) << 16) | ((data[pixel * 4 + 1] ?? 0) << 8) | (data[pixel * 4 + 2] ?? 0);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const colour = colourAt(pixel);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const { palette, places } = paletteOf(counts);
  const lines = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      lines[y * (width + 1) + x + 1] = places.get(colourAt(y * width + x)) ?? 0;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits for each pixel, each the place of a colour in the palette.
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from(SIGNATURE),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette.flatMap(channels))),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const channels = (colour: number) => [colour >> 16, (colour >> 8) & 255, colour & 255];

function distance(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, at) => sum + (value - (other[at] ?? 0)) ** 2, 0);
}

/**
 * Which colours a picture keeps, and the place of what each becomes. The commonest is the first; then comes, again
 * and again, the one that is worst off with those chosen so far: surfaces and lines keep theirs exactly, so does a
 * glyph of a few pixels in a colour of its own, and of the many shades between a letter and what is behind it some.
 */
function paletteOf(counts: ReadonlyMap<number, number>) {
  const colours = [...counts].sort(([a, often], [b, oftener]) => oftener - often || a - b);
  const all = colours.map(([colour, count]) => ({
    colour,
    count,
    parts: channels(colour),
    place: 0,
    error: Number.POSITIVE_INFINITY,
  }));
  const palette: number[] = [];
  let next = all[0];
  while (next && next.error > 0 && palette.length < COLOURS) {
    const { colour, parts } = next;
    let worst = -1;
    for (const one of all) {
      const error = distance(parts, one.parts);
      if (error < one.error) {
        one.error = error;
        one.place = palette.length;
      }
      const need = one.error ** 2 * Math.sqrt(one.count);
      if (need > worst) [worst, next] = [need, one];
    }
    palette.push(colour);
  }
  return { palette, places: new Map(all.map(({ colour, place }) => [colour, place])) };
}

/** A part of a PNG: how long it is, what it is called, what it holds, and its check sum. */
function chunk(name: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const named = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
