import { classes } from "./classes";

const RING = "M6 2a4 4 0 1 0 0 8 4 4 0 0 0 0-8";
const BOX = "M2.5 2.5h7v7h-7z";

/** Lines and areas of each shape, in a square of 12. */
const SHAPES = {
  ring: { line: RING },
  dots: { line: RING, dashes: "1.2 1.94" },
  disc: { area: "M6 1.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8" },
  dot: { area: "M6 3.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5" },
  half: { line: RING, area: "M6 2a4 4 0 0 0 0 8z" },
  quarter: { line: RING, area: "M6 6V2a4 4 0 0 1 4 4z" },
  barred: { line: `${RING}M3.2 8.8l5.6-5.6` },
  turned: { line: "M9.6 4.2A4 4 0 1 0 10 6M9.9 1.6v2.8H7.1" },
  clock: { line: `${RING}M6 3.8V6h2` },
  square: { area: BOX },
  halfSquare: { line: BOX, area: "M2.5 2.5H6v7H2.5z" },
  bars: { area: "M3 2.5h2.2v7H3zM6.8 2.5H9v7H6.8z" },
  columns: { line: `${BOX}M6 2.5v7` },
  triangle: { area: "M6 1.7 10.8 10H1.2z" },
  check: { line: "M2 6.5l2.7 2.7L10 3" },
  cross: { line: "M2.8 2.8l6.4 6.4M9.2 2.8L2.8 9.2" },
  dash: { line: "M3 6h6" },
  upAndDown: { line: "M6 1.5v9M3.8 3.5L6 1.5l2.2 2M3.8 8.5L6 10.5l2.2-2" },
} as const satisfies Record<string, { line?: string; area?: string; dashes?: string }>;

export type Shape = keyof typeof SHAPES;

/** The shape of a state, in the colour of the text around it; drawn, because the fonts here have none of them. */
export function Glyph({ of, className }: { of: Shape; className?: string }) {
  const { line, area, dashes }: { line?: string; area?: string; dashes?: string } = SHAPES[of];
  return (
    <svg
      aria-hidden="true"
      data-shape={of}
      viewBox="0 0 12 12"
      className={classes("inline-block size-3 shrink-0 align-[-1px]", className)}
    >
      {area && <path d={area} fill="currentColor" />}
      {line && <path d={line} fill="none" stroke="currentColor" strokeWidth="1.4" strokeDasharray={dashes} />}
    </svg>
  );
}
