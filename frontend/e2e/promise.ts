import { expect } from "vitest";

const ATTEMPTS = 3;

/**
 * Holds what is done to a promise of `limit` milliseconds. Other programs of the machine can only make it slower, so one of three
 * attempts must keep it; `attempt` tells how long it took.
 */
export async function keepsPromise(
  name: string,
  limit: number,
  attempt: () => Promise<number>,
): Promise<void> {
  const took: number[] = [];
  while (took.length < ATTEMPTS && !took.some((ms) => ms <= limit)) took.push(await attempt());
  process.stdout.write(`${name}: ${took.join(", ")} ms of ${limit}\n`);
  expect(Math.min(...took), `${name}: milliseconds of the quickest attempt`).toBeLessThanOrEqual(limit);
}
