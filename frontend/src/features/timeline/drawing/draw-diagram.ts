import mermaid from "mermaid";
import { randomId } from "@/platform/random-id";
import { readColours } from "@/ui/theme-colours";

/** A drawing as the address of a picture, with its size in CSS pixels. */
export interface Picture {
  address: string;
  width: number;
  height: number;
}

/** What would have the drawing load something, or bring styles of its own. */
const REACHING_OUT = /url\s*\(|@import|\b(?:img|image|icon)\s*:|%%\s*\{|^---\s*$/im;

/** What a text may not change about how it is drawn. */
const SECURE = [
  "secure",
  "securityLevel",
  "startOnLoad",
  "maxTextSize",
  "maxEdges",
  "suppressErrorRendering",
];

/** The font is one of the system's: a picture has none of the page's. */
const FONT = "system-ui, sans-serif";

/** One after the other: the library has one set of settings for all. */
let last: Promise<unknown> = Promise.resolve();

/** Draws a diagram in the colours of the page. Fails where the text is none, or wants more than to be drawn. */
export function diagramOf(text: string): Promise<Picture> {
  const drawn = last.then(() => draw(text));
  last = drawn.catch(() => undefined);
  return drawn;
}

async function draw(text: string): Promise<Picture> {
  if (REACHING_OUT.test(text)) throw new Error("it reaches out");
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    secure: SECURE,
    maxTextSize: 20_000,
    maxEdges: 300,
    // Text as text of the drawing: a picture shows no HTML.
    htmlLabels: false,
    flowchart: { htmlLabels: false, useMaxWidth: false },
    fontFamily: FONT,
    theme: "base",
    themeVariables: colours(),
  });
  const { svg } = await mermaid.render(`diagram-${randomId()}`, text);
  return asPicture(svg);
}

function colours(): Record<string, string> {
  return readColours((colour) => ({
    fontFamily: FONT,
    fontSize: "13px",
    background: colour("sunken"),
    edgeLabelBackground: colour("sunken"),
    primaryColor: colour("surface"),
    primaryTextColor: colour("text"),
    primaryBorderColor: colour("line-strong"),
    secondaryColor: colour("canvas"),
    tertiaryColor: colour("surface"),
    lineColor: colour("text-2"),
    textColor: colour("text"),
    noteBkgColor: colour("canvas"),
    noteTextColor: colour("text"),
    noteBorderColor: colour("line-strong"),
  }));
}

/** A drawing as a picture: in one, no script runs, nothing is loaded and nothing is a link. */
export function asPicture(svg: string): Picture {
  const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  const [, , width = 0, height = 0] = (root.getAttribute("viewBox") ?? "").split(/[\s,]+/).map(Number);
  if (root.tagName !== "svg" || !(width > 0) || !(height > 0)) throw new Error("it is no drawing");
  root.setAttribute("width", String(width));
  root.setAttribute("height", String(height));
  const text = new XMLSerializer().serializeToString(root);
  return { address: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`, width, height };
}
