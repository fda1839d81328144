import RFB from "@novnc/novnc";
import { toProblem } from "@/api/problem";

/** How pane and desktop fit each other: the picture is scaled, the desktop changes its size, or neither. */
export type DesktopSize = "fit" | "follow" | "actual";

/** Where the connection to a desktop stands. */
export type DesktopState =
  | { kind: "connecting" }
  | { kind: "connected" }
  | { kind: "reconnecting" }
  | { kind: "failed"; reason: string; attempts: number };

interface DesktopOptions {
  target: HTMLElement;
  url: string;
  /** Starts the desktop, or fails with the reason why it cannot be shown. */
  start: () => Promise<unknown>;
  onState: (state: DesktopState) => void;
  onReleaseKeys: () => void;
  /** Something was copied on the desktop. */
  onCopied: (text: string) => void;
}

const RETRY_MS = [500, 1_000, 2_000, 4_000];

/** A desktop in `target` that comes back after a lost connection, until it is closed. */
export class DesktopSession {
  readonly #options: DesktopOptions;
  #rfb: RFB | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #attempts = 0;
  /** Why there was nothing to connect to. */
  #reason = "";
  #viewOnly = true;
  #size: DesktopSize = "fit";

  constructor(options: DesktopOptions) {
    this.#options = options;
    options.target.addEventListener("keydown", this.#onKey, true);
    this.#connect();
  }

  /** Whether mouse and keyboard stay here or go to the desktop. */
  setViewOnly(viewOnly: boolean): void {
    this.#viewOnly = viewOnly;
    if (!this.#rfb) return;
    this.#rfb.viewOnly = viewOnly;
    if (viewOnly) this.#rfb.blur();
    else this.#rfb.focus();
  }

  setSize(size: DesktopSize): void {
    this.#size = size;
    if (this.#rfb) this.#fitTo(this.#rfb);
  }

  /** Puts text into the desktop's clipboard. */
  paste(text: string): void {
    this.#rfb?.clipboardPasteFrom(text);
  }

  #fitTo(rfb: RFB): void {
    rfb.clipViewport = false;
    rfb.scaleViewport = this.#size !== "actual";
    rfb.resizeSession = this.#size === "follow";
  }

  /** Tries again after a failure. */
  retry(): void {
    this.#attempts = 0;
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#options.target.removeEventListener("keydown", this.#onKey, true);
    this.#rfb?.disconnect();
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey && event.altKey && event.shiftKey)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#options.onReleaseKeys();
  };

  #connect(): void {
    this.#options.onState({ kind: this.#attempts === 0 ? "connecting" : "reconnecting" });
    // A WebSocket that is refused does not tell why.
    this.#options.start().then(
      () => this.#open(),
      (error: unknown) => {
        const problem = toProblem(error);
        this.#reason = problem.detail || problem.title;
        // It was tried where it runs; trying again from here would only hide why it failed.
        if (problem.code === "desktop_failed") this.#attempts = RETRY_MS.length;
        this.#lost();
      },
    );
  }

  #open(): void {
    if (this.#closed) return;
    const rfb = new RFB(this.#options.target, this.#options.url, { shared: true });
    rfb.background = "transparent";
    rfb.viewOnly = this.#viewOnly;
    this.#fitTo(rfb);
    rfb.focusOnClick = true;
    rfb.addEventListener("connect", () => {
      this.#attempts = 0;
      this.#reason = "";
      this.#options.onState({ kind: "connected" });
    });
    rfb.addEventListener("clipboard", (event) => {
      this.#options.onCopied((event as CustomEvent<{ text: string }>).detail.text);
    });
    rfb.addEventListener("disconnect", () => this.#lost());
    rfb.addEventListener("securityfailure", (event) => {
      const { reason } = (event as CustomEvent<{ reason?: string }>).detail;
      this.#attempts = RETRY_MS.length;
      this.#options.onState({ kind: "failed", reason: reason ?? "", attempts: 1 });
    });
    this.#rfb = rfb;
  }

  #lost(): void {
    this.#rfb = null;
    if (this.#closed) return;
    const wait = RETRY_MS[this.#attempts];
    this.#attempts += 1;
    if (wait === undefined) {
      this.#options.onState({ kind: "failed", reason: this.#reason, attempts: this.#attempts });
      return;
    }
    this.#options.onState({ kind: "reconnecting" });
    this.#timer = setTimeout(() => this.#connect(), wait);
  }
}
