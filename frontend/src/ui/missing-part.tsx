import { type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import { t } from "@/i18n";
import { onAnswered } from "@/platform/answering";
import { Button } from "./button";
import { Glyph } from "./glyph";

/** Why a part is not there: nobody answered, it is tried again just now, or there is another version by now. */
export type Missing = "away" | "tried" | "outdated";

interface MissingPartProps {
  why: Missing;
  /** What is shown instead of words in its place. */
  otherwise: ReactNode | "over" | "page" | "quiet";
  /** Told that it is missed here; the answer says that it is not any more. */
  onMiss: () => () => void;
  onRetry: () => void;
  /** Closes what it was to be, where that can be closed. */
  onClose?: () => void;
}

/** In the place of a part that could not be loaded: it says so, and is tried again. */
export function MissingPart({ why, otherwise, onMiss, onRetry, onClose }: MissingPartProps) {
  useEffect(onMiss, [onMiss]);
  useEffect(() => onAnswered(onRetry), [onRetry]);
  if (otherwise === "quiet") return null;
  const words = <Words why={why} onRetry={onRetry} onClose={onClose} />;
  if (otherwise === "over") return <Over onClose={onClose}>{words}</Over>;
  if (otherwise === "page") return <main className="grid h-full place-items-center">{words}</main>;
  return otherwise === undefined ? words : otherwise;
}

type WordsProps = Pick<MissingPartProps, "why" | "onRetry" | "onClose">;

function Words({ why, onRetry, onClose }: WordsProps) {
  const outdated = why === "outdated";
  return (
    <div
      ref={useFocusForPart()}
      role="alert"
      data-testid="missing-part"
      data-why={why}
      className="flex flex-wrap items-center justify-center gap-x-3 gap-y-2 p-3 text-13 text-text-2"
    >
      <p>
        <Glyph of={why === "tried" ? "half" : "cross"} className="mr-1.5 text-error" />
        {t(why === "tried" ? "app.loading" : outdated ? "part.outdated" : "part.missing")}
      </p>
      <Button onClick={outdated ? () => location.reload() : onRetry}>
        {t(outdated ? "app.reload" : "action.retry")}
      </Button>
      {onClose && (
        <Button kind="quiet" onClick={onClose}>
          {t("action.close")}
        </Button>
      )}
    </div>
  );
}

/** Over the page, and in the focus, which goes back to where it was. */
function Over({ onClose, children }: { onClose?: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={t("part.missing")}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      className="m-auto max-w-[min(480px,calc(100vw-24px))] rounded-dialog border border-line bg-surface p-1 text-text shadow-pop backdrop:bg-scrim"
    >
      {children}
    </dialog>
  );
}

const FOCUSABLE = "a[href], button, input, textarea, [tabindex='0']";

/** Whoever pressed the button goes on in what has come in its place. */
function useFocusForPart() {
  const words = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const place = words.current?.parentElement;
    return () => {
      if (!words.current?.contains(document.activeElement)) return;
      requestAnimationFrame(() => place?.querySelector<HTMLElement>(FOCUSABLE)?.focus());
    };
  }, []);
  return words;
}
