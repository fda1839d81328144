/** How long a browser that is never idle is waited for. */
const PATIENCE_MS = 3_000;

/** Loads code that may soon be wanted, once the browser has nothing better to do. What cannot be loaded now is
 * asked for again when it is wanted. Gives what calls it off. */
export function whenIdle(load: () => Promise<unknown>): () => void {
  const start = () => void load().catch(() => undefined);
  if ("requestIdleCallback" in window) {
    const id = requestIdleCallback(start, { timeout: PATIENCE_MS });
    return () => cancelIdleCallback(id);
  }
  const timer = setTimeout(start, PATIENCE_MS);
  return () => clearTimeout(timer);
}
