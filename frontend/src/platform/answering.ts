const ANSWERED = "slipway:answered";

/** Says that Slipway answers again. */
export function tellAnswered(): void {
  dispatchEvent(new Event(ANSWERED));
}

/** Runs when Slipway answers again, or the device is no longer offline; the answer ends that. */
export function onAnswered(run: () => void): () => void {
  for (const name of [ANSWERED, "online"]) addEventListener(name, run);
  return () => {
    for (const name of [ANSWERED, "online"]) removeEventListener(name, run);
  };
}
