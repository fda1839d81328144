import { useRef } from "react";

/**
 * Gives the focus back to what had it before a dialog opened. Radix does that only for dialogs that a trigger of
 * its own opens; ours are opened by actions too.
 */
export function useGiveBack() {
  const opener = useRef<Element | null>(null);
  return {
    onOpenAutoFocus: () => {
      opener.current = document.activeElement;
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
    },
  };
}
