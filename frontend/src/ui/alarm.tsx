import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

/** What went wrong last; the number has the same words read out again. */
const store = createStore(() => ({ text: "", number: 0 }));

/** Has screen readers say at once that something went wrong. */
export function alarm(text: string): void {
  store.setState(({ number }) => ({ text, number: number + 1 }));
}

/** The one place from which errors are read out at once; nothing of it is seen. */
export function AlarmRegion() {
  const { text, number } = useStore(store);
  return (
    <div aria-live="assertive" aria-atomic="true" data-testid="alarm" className="sr-only">
      <p key={number}>{text}</p>
    </div>
  );
}
