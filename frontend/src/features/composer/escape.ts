import { useEffect, useState } from "react";

/** Time for the second press. */
const WINDOW_MS = 1_500;

/** Runs `action` on the second Escape in a row; the answer says that the first was heard. */
export function useEscapeTwice(active: boolean, action: () => void): boolean {
  const [armed, setArmed] = useState(false);
  useEffect(() => {
    if (!active) return setArmed(false);
    const onKey = (event: KeyboardEvent) => {
      // An open menu or dialog has its own use for Escape.
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
      if (armed) action();
      setArmed(!armed);
    };
    window.addEventListener("keydown", onKey);
    const timer = armed ? setTimeout(() => setArmed(false), WINDOW_MS) : undefined;
    return () => {
      window.removeEventListener("keydown", onKey);
      clearTimeout(timer);
    };
  }, [active, armed, action]);
  return armed;
}
