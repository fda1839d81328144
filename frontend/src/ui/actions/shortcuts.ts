import { useEffect } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { ACTION_IDS, type ActionId } from "./definitions";
import { isTyping, strokeOf } from "./keys";
import { isAvailable, keysOf, runAction } from "./registry";

/** Time for the second of two keys. */
const WINDOW_MS = 1_500;

/** The first of two keys, while the second is waited for. */
const begun = createStore<{ stroke: string | null }>(() => ({ stroke: null }));

/** Whether the first of an action's two keys was pressed, so that one more starts it. */
export function useBegun(id: ActionId): boolean {
  return useStore(begun, ({ stroke }) => stroke !== null && begins(stroke, id));
}

/** Listens for the keys of actions while mounted. */
export function useShortcuts(): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const expect = (stroke: string | null) => {
      clearTimeout(timer);
      begun.setState({ stroke });
      if (stroke !== null) timer = setTimeout(() => begun.setState({ stroke: null }), WINDOW_MS);
    };
    const onKey = (event: KeyboardEvent) => {
      // An open menu or dialog has its own use for keys.
      if (event.defaultPrevented || event.isComposing || document.querySelector(OPEN_DIALOG)) return;
      const stroke = strokeOf(event);
      if (stroke === null) return;
      const first = begun.getState().stroke;
      expect(null);
      if (isTyping(stroke) && isEditable(event.target)) return;
      const id = (first && actionOf(`${first} ${stroke}`)) || actionOf(stroke);
      if (id) {
        event.preventDefault();
        runAction(id);
      } else if (ACTION_IDS.some((one) => begins(stroke, one) && isAvailable(one))) {
        expect(stroke);
      } else if (event.key.length === 1 && stroke === event.key.toLowerCase() && isNowhere(event.target)) {
        // What is typed while nothing has the focus goes to the composer, beginning with this key.
        runAction("composer.focus");
      }
    };
    window.addEventListener("keydown", onKey);
    return () => {
      window.removeEventListener("keydown", onKey);
      expect(null);
    };
  }, []);
}

/** A dialog has the keyboard to itself. */
const OPEN_DIALOG = "[role=dialog][data-state=open]";

function actionOf(keys: string): ActionId | undefined {
  return ACTION_IDS.find((id) => keysOf(id) === keys && isAvailable(id));
}

function begins(stroke: string, id: ActionId): boolean {
  return keysOf(id).startsWith(`${stroke} `);
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
