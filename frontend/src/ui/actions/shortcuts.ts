import { useEffect } from "react";
import { ACTION_IDS, type ActionId, definitionOf } from "./definitions";
import { isTyping, strokeOf } from "./keys";
import { isAvailable, keysOf, runAction } from "./registry";

/** Listens for the keys of actions while mounted. */
export function useShortcuts(): void {
  useEffect(() => {
    let before: string | null = null;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector(OPEN_DIALOG)) return;
      const stroke = strokeOf(event);
      if (stroke === null) return;
      const first = before;
      before = null;
      if (isTyping(stroke) && isEditable(event.target)) return;
      const id = (first && actionOf(`${first} ${stroke}`)) || actionOf(stroke);
      if (id) {
        event.preventDefault();
        runAction(id);
      } else if (begins(stroke)) {
        before = stroke;
      } else if (event.key.length === 1 && stroke === event.key.toLowerCase() && isNowhere(event.target)) {
        // What is typed while nothing has the focus goes to the composer, beginning with this key.
        runAction("composer.focus");
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

/** A dialog has the keyboard to itself. */
const OPEN_DIALOG = "[role=dialog][data-state=open]";

function actionOf(keys: string): ActionId | undefined {
  return ACTION_IDS.find((id) => !definitionOf(id).told && keysOf(id) === keys && isAvailable(id));
}

function begins(stroke: string): boolean {
  return ACTION_IDS.some(
    (id) => !definitionOf(id).told && keysOf(id).startsWith(`${stroke} `) && isAvailable(id),
  );
}

function isEditable(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("input, textarea, select, [role=tree], [role=menu] *, canvas"))
  );
}

function isNowhere(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof HTMLElement && target.matches("[role=log]"));
}
