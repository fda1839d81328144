import katex from "katex";
import "katex/dist/katex.min.css";
import { useLayoutEffect, useRef, useState } from "react";
import type { DrawnProps } from "./drawn";

/** Longer ones are no formulas, and would keep the page busy. */
const MOST_CHARACTERS = 10_000;

/** A formula as it is printed; what cannot be read stays the text that it is. */
export default function Formula({ text, otherwise, inline = false }: DrawnProps) {
  const target = useRef<HTMLSpanElement>(null);
  const [failed, setFailed] = useState<string | null>(null);
  useLayoutEffect(() => {
    if (!target.current) return;
    try {
      if (text.length > MOST_CHARACTERS) throw new Error("too long");
      // Nothing of it is trusted: no addresses, no classes, no pictures.
      katex.render(text, target.current, {
        displayMode: !inline,
        trust: false,
        strict: "ignore",
        maxSize: 20,
      });
      setFailed(null);
    } catch {
      target.current.replaceChildren();
      setFailed(text);
    }
  }, [text, inline]);
  const isFailed = failed === text;
  return (
    <>
      <span
        ref={target}
        data-testid="formula"
        hidden={isFailed}
        // What is wider than the page is scrolled to with the keyboard
        tabIndex={inline ? undefined : 0}
        className={inline ? undefined : "block overflow-x-auto px-3 py-2"}
      />
      {isFailed && otherwise}
    </>
  );
}
