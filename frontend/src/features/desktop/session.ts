import RFB from "@novnc/novnc";
import { toProblem } from "@/api/problem";

/** How pane and desktop fit each other: the picture is scaled, the desktop changes its size, or neither. */
export type DesktopSize = "fit" | "follow" | "actual";

/** What counts more where the connection is slow: how sharp the picture is, or how soon it comes. */
export type DesktopQuality = "sharp" | "usual" | "quick";

/** JPEG quality and effort of compression, 0 to 9 each. */
const QUALITIES: Record<DesktopQuality, { quality: number; compression: number }> = {
  sharp: { quality: 9, compression: 2 },
  usual: { quality: 6, compression: 2 },
  quick: { quality: 1, compression: 9 },
};

/** Where the connection to a desktop stands. */
export type DesktopState =
  | { kind: "connecting" }
  | { kind: "connected" }
  | { kind: "reconnecting" }
  /** Nobody looks at it. */
  | { kind: "hidden" }
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

/** What nobody looks at lets go after so long. */
const HIDDEN_MS = 60_000;

const RETRY_MS = [500, 1_000, 2_000, 4_000];

/** A desktop in `target` that comes back after a lost connection, until it is closed. */
export class DesktopSession {
  readonly #options: DesktopOptions;
  #rfb: RFB | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Runs while nobody looks. */
  #hiding: ReturnType<typeof setTimeout> | undefined;
  #hidden = false;
  /** Whether the pane is the one that shows. */
  #shown = true;
  #closed = false;
  #attempts = 0;
  /** Why there was nothing to connect to. */
  #reason = "";
  #viewOnly = true;
  #size: DesktopSize = "fit";
  #quality: DesktopQuality = "usual";

  constructor(options: DesktopOptions) {
    this.#options = options;
    options.target.addEventListener("keydown", this.#onKey, true);
    document.addEventListener("visibilitychange", this.#onVisibility);
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

  /** Whether the pane is to be seen in the page. */
  setShown(shown: boolean): void {
    if (this.#shown === shown) return;
    this.#shown = shown;
    this.#onVisibility();
  }

  setSize(size: DesktopSize): void {
    this.#size = size;
    if (this.#rfb) this.#fitTo(this.#rfb);
  }

  setQuality(quality: DesktopQuality): void {
    this.#quality = quality;
    if (this.#rfb) this.#draw(this.#rfb);
  }

  /** What the desktop shows now, as a PNG file; null while there is nothing to see. */
  picture(): Promise<Blob | null> {
    const rfb = this.#rfb;
    return rfb ? new Promise((resolve) => rfb.toBlob(resolve, "image/png")) : Promise.resolve(null);
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

  #draw(rfb: RFB): void {
    const { quality, compression } = QUALITIES[this.#quality];
    rfb.qualityLevel = quality;
    rfb.compressionLevel = compression;
  }

  /** Tries again after a failure. */
  retry(): void {
    this.#attempts = 0;
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#hiding);
    this.#options.target.removeEventListener("keydown", this.#onKey, true);
    document.removeEventListener("visibilitychange", this.#onVisibility);
    this.#rfb?.disconnect();
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey && event.altKey && event.shiftKey)) return;
    event.preventDefault();
    event.stopPropagation();
    // At once, not when the gateway has agreed: the desktop is told that all keys are up.
    this.setViewOnly(true);
    this.#options.onReleaseKeys();
  };

  readonly #onVisibility = (): void => {
    clearTimeout(this.#hiding);
    if (document.hidden || !this.#shown) {
      this.#hiding = setTimeout(() => this.#hide(), HIDDEN_MS);
    } else if (this.#hidden) {
      this.#hidden = false;
      this.retry();
    }
  };

  #hide(): void {
    this.#hidden = true;
    clearTimeout(this.#timer);
    this.#options.onState({ kind: "hidden" });
    const rfb = this.#rfb;
    this.#rfb = null;
    rfb?.disconnect();
  }

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
    if (this.#closed || this.#hidden) return;
    const rfb = new RFB(this.#options.target, this.#options.url, { shared: true });
    rfb.background = "transparent";
    rfb.viewOnly = this.#viewOnly;
    this.#fitTo(rfb);
    this.#draw(rfb);
    rfb.focusOnClick = true;
    rfb.addEventListener("connect", () => {
      this.#attempts = 0;
      this.#reason = "";
      this.#options.onState({ kind: "connected" });
    });
    rfb.addEventListener("clipboard", (event) => {
      this.#options.onCopied((event as CustomEvent<{ text: string }>).detail.text);
    });
    rfb.addEventListener("disconnect", () => {
      // Another one may be there already.
      if (this.#rfb === rfb) this.#lost();
    });
    rfb.addEventListener("securityfailure", (event) => {
      const { reason } = (event as CustomEvent<{ reason?: string }>).detail;
      this.#attempts = RETRY_MS.length;
      this.#options.onState({ kind: "failed", reason: reason ?? "", attempts: 1 });
    });
    this.#rfb = rfb;
  }

  #lost(): void {
    this.#rfb = null;
    if (this.#closed || this.#hidden) return;
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
