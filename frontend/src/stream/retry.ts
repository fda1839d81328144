const STEPS_MS = [250, 500, 1_000, 2_000, 5_000, 10_000];

/** Wait before the next attempt after so many failures in a row, with up to 20 % taken off at random. */
export function retryDelay(failures: number, random: () => number = Math.random): number {
  const step = STEPS_MS[Math.min(failures, STEPS_MS.length - 1)] ?? 10_000;
  return step * (1 - 0.2 * random());
}
