import { type KeyboardEvent, useState } from "react";

/** Choosing one of a list with the keyboard while the focus stays in a text field. */
export interface Choice {
  /** Position of the marked one. */
  active: number;
  mark: (index: number) => void;
  /** Handles a key of the text field; says whether the key was for the list. */
  onKey: (event: KeyboardEvent) => boolean;
}

/** `name` stands for what is listed: with another list the first one is marked. */
export function useChoice(name: string, count: number, onChoose: (index: number) => void): Choice {
  const [state, setState] = useState({ name, index: 0 });
  const active = state.name === name ? Math.min(state.index, Math.max(0, count - 1)) : 0;
  const mark = (index: number) => setState({ name, index });
  const onKey = (event: KeyboardEvent): boolean => {
    if (count === 0 || event.nativeEvent.isComposing || event.shiftKey || event.altKey) return false;
    if (event.key === "ArrowDown") mark((active + 1) % count);
    else if (event.key === "ArrowUp") mark((active + count - 1) % count);
    else if (event.key === "Enter" || event.key === "Tab") onChoose(active);
    else return false;
    event.preventDefault();
    return true;
  };
  return { active, mark, onKey };
}
