import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import {
  defaultHighlightStyle,
  HighlightStyle,
  LanguageDescription,
  syntaxHighlighting,
} from "@codemirror/language";
import { languages } from "@codemirror/language-data";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { nameOf } from "./paths";

interface CodeViewProps {
  path: string;
  /** The text at first. */
  text: string;
  /** Number of its first line. */
  firstLine: number;
  /** Number of the line to begin at; null for the first. */
  line: number | null;
  readOnly: boolean;
  label: string;
  onChange: (text: string) => void;
  onSave: () => void;
}

/**
 * A text with numbers and colours, to read or to edit; only the lines in view are in the page. It keeps what it was
 * mounted with: another text is another `key`.
 */
export default function CodeView(props: CodeViewProps) {
  const parent = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    if (!parent.current) return;
    const { path, text, firstLine, line, readOnly, label } = latest.current;
    const language = new Compartment();
    const save = () => {
      latest.current.onSave();
      return true;
    };
    const view = new EditorView({
      parent: parent.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          // The ends that the file has, so that saving changes nothing else.
          EditorState.lineSeparator.of(separatorOf(text)),
          lineNumbers({ formatNumber: (line) => String(line + firstLine - 1) }),
          highlightSpecialChars(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          highlightSelectionMatches(),
          syntaxHighlighting(COLOURS),
          syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          language.of([]),
          EditorState.readOnly.of(readOnly),
          EditorView.contentAttributes.of({
            "aria-label": label,
            "aria-readonly": String(readOnly),
            tabindex: "0",
          }),
          THEME,
          keymap.of([
            { key: "Mod-s", preventDefault: true, run: save },
            ...(readOnly ? [] : [indentWithTab]),
            ...searchKeymap,
            ...historyKeymap,
            ...defaultKeymap,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.sliceDoc());
          }),
        ],
      }),
    });
    if (line !== null && line >= firstLine) {
      const at = view.state.doc.line(Math.min(line - firstLine + 1, view.state.doc.lines)).from;
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    }
    let gone = false;
    const found = LanguageDescription.matchFilename(languages, nameOf(path));
    found?.load().then(
      (support) => gone || view.dispatch({ effects: language.reconfigure(support) }),
      () => undefined,
    );
    return () => {
      gone = true;
      view.destroy();
    };
  }, []);
  return <div ref={parent} data-testid="code" className="min-h-0 flex-1 overflow-hidden text-12" />;
}

/** What ends all lines; a text that mixes ends keeps each as a visible character. */
function separatorOf(text: string): string {
  return /\r\n/.test(text) && !/(^|[^\r])\n|\r(?!\n)/.test(text) ? "\r\n" : "\n";
}

const THEME = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--surface)", color: "var(--text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono, monospace)", lineHeight: "1.5" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-3)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--hover)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selected)" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--text)" },
});

/** The page's own colours, which follow its theme. */
const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.regexp, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.comment, tags.meta], color: "var(--code-comment)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
  { tag: [tags.function(tags.variableName), tags.heading], color: "var(--code-name)" },
  { tag: [tags.typeName, tags.className, tags.tagName, tags.attributeName], color: "var(--code-type)" },
  { tag: tags.invalid, color: "var(--error)" },
]);
