import { expect, test } from "vitest";
import type { DiskSpace, SandboxReach } from "@/api/types";
import { currentOf, type Facts, isThisMachine, statesOf } from "./steps";

const SANDBOX: SandboxReach = { attached: true, since: 0, launcher: true };
const DISK: DiskSpace = {
  purpose: "data",
  path: "/data",
  total_bytes: 100,
  free_bytes: 50,
  is_low: false,
};
const FRESH: Facts = {
  environment: { sandbox: SANDBOX, disks: [DISK] },
  isLocal: true,
  hasPassword: false,
  hasModel: false,
  entries: 0,
  hasConversation: false,
};

test.each<[string, Partial<Facts>, string[], ReturnType<typeof currentOf>]>([
  ["a fresh instance needs a model", {}, [], "model"],
  ["a model is there", { hasModel: true }, [], "workspace"],
  ["an empty workspace will do", { hasModel: true }, ["workspace"], "task"],
  ["everything is done", { hasModel: true, entries: 2, hasConversation: true }, [], null],
  ["over the network a password comes first", { isLocal: false }, [], "account"],
  ["or is passed over", { isLocal: false }, ["account"], "model"],
  [
    "a sandbox that is away keeps nobody from adding a model",
    { environment: { sandbox: { ...SANDBOX, attached: false }, disks: [DISK] }, entries: null },
    [],
    "model",
  ],
  [
    "trouble is what is left",
    {
      environment: { sandbox: SANDBOX, disks: [{ ...DISK, is_low: true }] },
      hasModel: true,
      entries: 1,
      hasConversation: true,
    },
    [],
    "environment",
  ],
  ["nothing is offered before it is known what there is", { hasModel: undefined }, [], null],
  ["the environment may take its time", { environment: undefined }, [], "model"],
])("%s", (_name, change, skipped, current) => {
  expect(currentOf(statesOf({ ...FRESH, ...change }, skipped))).toBe(current);
});

test("what was passed over and is done after all is done; the environment cannot be passed over", () => {
  const away = {
    ...FRESH,
    hasModel: true,
    environment: { sandbox: { ...SANDBOX, attached: false }, disks: [] },
  };
  const states = statesOf(away, ["model", "environment", "workspace"]);
  expect(states).toMatchObject({ environment: "problem", model: "done", workspace: "skipped", task: "todo" });
});

test.each([
  ["localhost", true],
  ["conv-1.localhost", true],
  ["127.0.0.1", true],
  ["[::1]", true],
  ["192.168.1.7", false],
  ["127.0.0.1.example.org", false],
  ["notlocalhost", false],
])("%s is this machine: %s", (host, expected) => {
  expect(isThisMachine(host)).toBe(expected);
});
