import { type CSSProperties, memo, useMemo } from "react";
import { type AnsiSpan, parseAnsi } from "./screen";
import { type AnsiStyle, PLAIN } from "./style";

/** Terminal output with its colours. */
export const AnsiText = memo(function AnsiText({ text }: { text: string }) {
  const lines = useMemo(() => parseAnsi(text), [text]);
  return lines.map((spans, index) => (
    // Lines have no identity but their number.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <AnsiLine key={index} spans={spans} />
  ));
});

/** One line of terminal output. */
export const AnsiLine = memo(
  function AnsiLine({ spans }: { spans: readonly AnsiSpan[] }) {
    return (
      <div className="min-h-[19px]">
        {spans.map((span, index) =>
          span.style === PLAIN ? (
            span.text
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: spans have no identity but their position
            <span key={index} style={css(span.style)}>
              {span.text}
            </span>
          ),
        )}
      </div>
    );
  },
  (before, after) => sameSpans(before.spans, after.spans),
);

function sameSpans(a: readonly AnsiSpan[], b: readonly AnsiSpan[]): boolean {
  return (
    a.length === b.length &&
    a.every((span, index) => span.text === b[index]?.text && sameStyle(span.style, b[index].style))
  );
}

function sameStyle(a: AnsiStyle, b: AnsiStyle): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function css(style: AnsiStyle): CSSProperties {
  const foreground = colour(style.foreground);
  const background = colour(style.background);
  return {
    color: style.inverse ? (background ?? "var(--sunken)") : foreground,
    backgroundColor: style.inverse ? (foreground ?? "var(--text)") : background,
    fontWeight: style.bold ? 600 : undefined,
    opacity: style.dim ? 0.7 : undefined,
    fontStyle: style.italic ? "italic" : undefined,
    textDecoration:
      [style.underline && "underline", style.strike && "line-through"].filter(Boolean).join(" ") || undefined,
  };
}

function colour(value: number | string | undefined): string | undefined {
  return typeof value === "number" ? `var(--ansi-${value})` : value;
}
