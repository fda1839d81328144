import RFB from "@novnc/novnc";

/** Where the connection to a desktop stands. */
export type DesktopState =
  | { kind: "connecting" }
  | { kind: "connected" }
  | { kind: "reconnecting" }
  | { kind: "failed"; reason: string; attempts: number };

interface DesktopOptions {
  target: HTMLElement;
  url: string;
  onState: (state: DesktopState) => void;
  onReleaseKeys: () => void;
}

const RETRY_MS = [500, 1_000, 2_000, 4_000];

/** A desktop in `target` that comes back after a lost connection, until it is closed. */
export class DesktopSession {
  readonly #options: DesktopOptions;
  #rfb: RFB | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #attempts = 0;
  #viewOnly = true;
  #fit = true;

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

  setFit(fit: boolean): void {
    this.#fit = fit;
    if (!this.#rfb) return;
    this.#rfb.scaleViewport = fit;
    this.#rfb.clipViewport = false;
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
    const rfb = new RFB(this.#options.target, this.#options.url, { shared: true });
    rfb.background = "transparent";
    rfb.viewOnly = this.#viewOnly;
    rfb.scaleViewport = this.#fit;
    rfb.focusOnClick = true;
    rfb.addEventListener("connect", () => {
      this.#attempts = 0;
      this.#options.onState({ kind: "connected" });
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
      this.#options.onState({ kind: "failed", reason: "", attempts: this.#attempts });
      return;
    }
    this.#options.onState({ kind: "reconnecting" });
    this.#timer = setTimeout(() => this.#connect(), wait);
  }
}
