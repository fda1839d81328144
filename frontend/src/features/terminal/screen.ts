import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import { onThemeChange } from "@/ui/theme-colours";
import { terminalTheme } from "./palette";
import { type ShellEvents, ShellStream } from "./shell-stream";
import "@xterm/xterm/css/xterm.css";

/** Lines that can be scrolled back to; the host keeps about as many. */
const SCROLLBACK = 10_000;
const FONT = '"JetBrains Mono Variable", "JetBrains Mono", ui-monospace, monospace';

export interface ScreenOptions extends Pick<ShellEvents, "onState" | "onShell" | "onLost"> {
  conversation: string;
  shell: string;
  target: HTMLElement;
  fontSize: number;
  screenReader: boolean;
  /** Keys that leave the terminal, and find in it. */
  onLeave: () => void;
  onFind: () => void;
  onCopy: (text: string) => void;
}

/** A shell on a screen in the page. */
export class ShellScreen {
  readonly #options: ScreenOptions;
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #stream: ShellStream;
  readonly #end: (() => void)[] = [];

  constructor(options: ScreenOptions) {
    this.#options = options;
    const terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: false,
      fontFamily: FONT,
      fontSize: options.fontSize,
      minimumContrastRatio: 4.5,
      scrollback: SCROLLBACK,
      screenReaderMode: options.screenReader,
      theme: terminalTheme(),
    });
    this.#terminal = terminal;
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.#search);
    terminal.loadAddon(new WebLinksAddon((event, uri) => openLink(event, uri)));
    terminal.open(options.target);
    terminal.attachCustomKeyEventHandler((event) => this.#key(event));
    this.#stream = new ShellStream(options.conversation, options.shell, {
      onState: (state) => {
        options.onState(state);
        if (state.kind === "connected") this.#tellSize();
      },
      onShell: (shell) => {
        terminal.resize(shell.columns, shell.rows);
        options.onShell(shell);
      },
      onLost: (bytes) => {
        terminal.reset();
        options.onLost(bytes);
      },
      onOutput: (bytes, shown) => terminal.write(bytes, shown),
    });
    // What a terminal answers to old output was answered when it was new.
    terminal.onData((text) => this.#stream.repeats || this.#stream.type(text));
    terminal.onBinary((text) => this.#stream.repeats || this.#stream.typeBinary(text));
    const observer = new ResizeObserver(() => this.#tellSize());
    observer.observe(options.target);
    // Of several windows the one that is used decides about the size.
    const onFocus = () => this.#tellSize();
    terminal.textarea?.addEventListener("focus", onFocus);
    this.#end.push(
      () => observer.disconnect(),
      onThemeChange(() => {
        terminal.options.theme = terminalTheme();
      }),
    );
  }

  focus(): void {
    this.#terminal.focus();
  }

  retry(): void {
    this.#stream.retry();
  }

  clear(): void {
    this.#terminal.clear();
  }

  /** What is selected, else everything. */
  text(): string {
    if (this.#terminal.hasSelection()) return this.#terminal.getSelection();
    this.#terminal.selectAll();
    const text = this.#terminal.getSelection();
    this.#terminal.clearSelection();
    return text.trimEnd();
  }

  setFontSize(size: number): void {
    this.#terminal.options.fontSize = size;
    this.#tellSize();
  }

  setScreenReader(on: boolean): void {
    this.#terminal.options.screenReaderMode = on;
  }

  /** Shows the next place of a text, or the one before; says whether there is one. */
  find(text: string, backwards: boolean): boolean {
    return backwards ? this.#search.findPrevious(text) : this.#search.findNext(text);
  }

  close(): void {
    for (const end of this.#end) end();
    this.#stream.close();
    this.#terminal.dispose();
  }

  #tellSize(): void {
    const { target } = this.#options;
    // While it is hidden it has no size.
    if (target.clientWidth === 0 || target.clientHeight === 0) return;
    const size = this.#fit.proposeDimensions();
    if (size && size.cols > 1 && size.rows > 0) this.#stream.resize(size.cols, size.rows);
  }

  /** Whether the terminal is to have a key. */
  #key(event: KeyboardEvent): boolean {
    if (event.ctrlKey && event.altKey && event.shiftKey) {
      if (event.type === "keydown") this.#options.onLeave();
      return false;
    }
    if (!event.ctrlKey || event.altKey || event.metaKey) return true;
    // The page's own way to the terminal and back.
    if (event.key === "`") return false;
    if (!event.shiftKey) return true;
    const taken = { KeyC: "copy", KeyF: "find", KeyV: "paste" }[event.code];
    if (taken === undefined) return true;
    // The browser pastes by itself.
    if (taken === "paste") return false;
    event.preventDefault();
    event.stopPropagation();
    if (event.type === "keydown") {
      if (taken === "find") this.#options.onFind();
      else if (this.#terminal.hasSelection()) this.#options.onCopy(this.#terminal.getSelection());
    }
    return false;
  }
}

/** Links are followed with Ctrl or ⌘ held, so that a click in a program stays one. */
function openLink(event: MouseEvent, uri: string): void {
  if (/^https?:/.test(uri) && (event.ctrlKey || event.metaKey))
    window.open(uri, "_blank", "noopener,noreferrer");
}
