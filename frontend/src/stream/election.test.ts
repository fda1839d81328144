import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Election, type ElectionMessage } from "./election";

/** Longest way of a message between two tabs, in ms. */
const DELAY = 40;
/** Time in which everything settles: three questions without an answer, giving way, and then some. */
const SETTLED = 20_000;

/** Tabs with a clock that only goes on when told to. */
class World {
  now = 0;
  readonly tabs = new Map<string, Tab>();
  readonly #delay: () => number;
  #queue: { at: number; order: number; run: () => void }[] = [];
  #order = 0;

  constructor(delay: () => number) {
    this.#delay = delay;
  }

  later(ms: number, run: () => void): () => void {
    this.#order += 1;
    const entry = { at: this.now + ms, order: this.#order, run };
    this.#queue.push(entry);
    return () => {
      this.#queue = this.#queue.filter((other) => other !== entry);
    };
  }

  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      this.#queue.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#queue[0];
      if (!next || next.at > end) break;
      this.#queue.shift();
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  open(id: string): Tab {
    const tab = new Tab(id, this);
    this.tabs.set(id, tab);
    tab.election.join();
    return tab;
  }

  say(from: string, message: ElectionMessage): void {
    for (const tab of this.tabs.values()) {
      if (tab.id === from) continue;
      // What one tab says to another stays in its order.
      const at = Math.max(this.now + this.#delay(), tab.heardFrom.get(from) ?? 0);
      tab.heardFrom.set(from, at);
      this.later(at - this.now, () => tab.hear(message));
    }
  }
}

class Tab {
  readonly id: string;
  readonly election: Election;
  readonly heardFrom = new Map<string, number>();
  follows: string | null = null;
  dead = false;
  #frozen: (() => void)[] | null = null;

  constructor(id: string, world: World) {
    this.id = id;
    this.election = new Election({
      id,
      post: (message) => !this.dead && world.say(id, message),
      after: (ms, run) => {
        let called = false;
        const cancel = world.later(ms, () => this.#live(() => called || run()));
        return () => {
          called = true;
          cancel();
        };
      },
      onLead: () => {
        this.follows = id;
      },
      onFollow: (leader) => {
        this.follows = leader;
      },
      onLost: () => {
        this.follows = null;
      },
    });
  }

  hear(message: ElectionMessage): void {
    this.#live(() => this.election.receive(message));
  }

  freeze(): void {
    this.#frozen ??= [];
  }

  thaw(): void {
    const missed = this.#frozen ?? [];
    this.#frozen = null;
    for (const run of missed) run();
  }

  #live(run: () => void): void {
    if (this.dead) return;
    if (this.#frozen) this.#frozen.push(run);
    else run();
  }
}

/** Exactly one of the tabs that are there leads, and all others know which. */
function agrees(world: World): void {
  const alive = [...world.tabs.values()];
  if (alive.length === 0) return;
  const leaders = alive.filter(({ election }) => election.leads).map(({ id }) => id);
  expect(leaders).toHaveLength(1);
  for (const { follows, election } of alive) {
    expect(follows).toBe(leaders[0]);
    expect(election.leader).toBe(leaders[0]);
  }
}

type Step = { kind: "open"; id: number } | { kind: "close" | "die" | "freeze" | "thaw"; nth: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("open" as const), id: fc.nat(10_000) }),
  fc.record({ kind: fc.constantFrom("close" as const, "die", "freeze", "thaw"), nth: fc.nat(9) }),
);

function take(world: World, taken: Step): void {
  if (taken.kind === "open") {
    const id = String(taken.id).padStart(5, "0");
    if (!world.tabs.has(id)) world.open(id);
    return;
  }
  const tabs = [...world.tabs.values()];
  const tab = tabs[taken.nth % Math.max(1, tabs.length)];
  if (!tab) return;
  if (taken.kind === "freeze") tab.freeze();
  else if (taken.kind === "thaw") tab.thaw();
  else {
    if (taken.kind === "close") tab.election.leave();
    tab.dead = true;
    world.tabs.delete(tab.id);
  }
}

describe("Election", () => {
  test("a tab that is alone leads soon", () => {
    const world = new World(() => 0);
    const tab = world.open("a");
    world.pass(300);
    expect(tab.election.leads).toBe(true);
  });

  test("who comes later follows, and a leader that closes is followed at once", () => {
    const world = new World(() => 1);
    world.open("b");
    world.pass(1_000);
    world.open("a");
    world.open("c");
    world.pass(1_000);
    expect(world.tabs.get("a")?.follows).toBe("b");
    take(world, { kind: "close", nth: 0 });
    world.pass(1_000);
    agrees(world);
  });

  test("a leader that dies without a word is missed within seconds", () => {
    const world = new World(() => 1);
    world.open("a");
    world.pass(1_000);
    world.open("b");
    world.pass(1_000);
    take(world, { kind: "die", nth: 0 });
    world.pass(8_000);
    expect(world.tabs.get("b")?.election.leads).toBe(true);
  });

  test("whatever tabs come, go, die, freeze and thaw, in the end one leads and all others follow it", () => {
    const steps = fc.array(fc.record({ wait: fc.nat(4_000), what: step }), { maxLength: 25 });
    const delays = fc.infiniteStream(fc.nat(DELAY));
    fc.assert(
      fc.property(steps, delays, (taken, delay) => {
        const world = new World(() => delay.next().value ?? 0);
        for (const { wait, what } of taken) {
          take(world, what);
          world.pass(wait);
        }
        for (const tab of world.tabs.values()) tab.thaw();
        world.pass(SETTLED);
        agrees(world);
        // And it stays so.
        const before = [...world.tabs.values()].map(({ follows }) => follows);
        world.pass(SETTLED);
        expect([...world.tabs.values()].map(({ follows }) => follows)).toEqual(before);
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});
