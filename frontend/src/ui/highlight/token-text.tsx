import { Fragment } from "react";
import type { TokenLine } from "./tokens";

/** A line in its colours. */
export function LineText({ tokens }: { tokens: TokenLine }) {
  return tokens.map(({ text, className }, index) =>
    className === "" ? (
      text
    ) : (
      // A line is made anew whenever it changes, so positions are identity enough.
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      <span key={index} className={className}>
        {text}
      </span>
    ),
  );
}

/** Lines in their colours, one under the other. */
export function LinesText({ lines }: { lines: readonly TokenLine[] }) {
  return lines.map((tokens, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    <Fragment key={index}>
      {index > 0 && "\n"}
      <LineText tokens={tokens} />
    </Fragment>
  ));
}
