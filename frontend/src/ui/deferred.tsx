import { cloneElement, type KeyboardEvent, type ReactElement, type ReactNode, useState } from "react";
import { t } from "@/i18n";
import { importAgain } from "@/platform/import-again";
import { showToast } from "./toast";

/** Code that is loaded when it is first wanted. */
export interface DeferredParts<Parts> {
  loaded: Parts | null;
  load: () => Promise<Parts>;
}

/** What was asked to open before it was loaded is open from the start. */
export interface StartsOpen {
  startsOpen?: boolean;
}

/** Remembers what `load` gives. */
export function deferred<Parts>(load: () => Promise<Parts>): DeferredParts<Parts> {
  let failed = false;
  const parts: DeferredParts<Parts> = {
    loaded: null,
    load: async () => {
      try {
        parts.loaded ??= await (failed ? importAgain(load) : load());
      } catch (error) {
        failed = true;
        throw error;
      }
      return parts.loaded;
    },
  };
  return parts;
}

interface DeferredProps<Parts> {
  parts: DeferredParts<Parts>;
  /** The button that opens it. */
  trigger: ReactElement;
  popup: "menu" | "dialog";
  children: (parts: Parts, startsOpen: boolean) => ReactNode;
}

/** A button that opens something which is only loaded then. */
export function Deferred<Parts>({ parts, trigger, popup, children }: DeferredProps<Parts>) {
  const [ready, setReady] = useState(parts.loaded);
  const [wanted, setWanted] = useState(false);
  if (ready) return children(ready, wanted);
  const fetch = () => void parts.load().catch(() => undefined);
  const open = () => {
    setWanted(true);
    // When it cannot be loaded the button is there to be pressed again.
    parts.load().then(setReady, () => {
      setWanted(false);
      showToast({ level: "error", text: t("part.missing") });
    });
  };
  // A click by touch, by assistive technology and by Enter; the press itself would come too early for these.
  return cloneElement(trigger as ReactElement<Record<string, unknown>>, {
    "aria-haspopup": popup,
    "aria-expanded": false,
    onPointerEnter: fetch,
    onFocus: fetch,
    onClick: open,
    onKeyDown: (event: KeyboardEvent) => {
      if (popup === "menu" && event.key === "ArrowDown") open();
    },
  });
}
