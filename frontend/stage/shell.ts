import { Buffer } from "node:buffer";
import type { WebSocket } from "ws";
import type { Terminal } from "../src/api/types";
import type { Stage } from "./gateway";
import { NOW } from "./pieces";

/** The host sends so many bytes that were not acknowledged, and no more. */
const WINDOW = 256 * 1024;
const PIECE = 32 * 1024;

/** Plays a shell that prints `output`; `onShown` hears how much of it the page has shown. */
export function playShell(
  socket: WebSocket,
  terminal: Terminal,
  output: Buffer,
  onShown: (bytes: number) => void = () => {},
): void {
  let sent = 0;
  let shown = 0;
  const go = () => {
    while (sent < output.length && sent - shown < WINDOW) {
      const piece = output.subarray(sent, sent + PIECE);
      const offset = Buffer.alloc(8);
      offset.writeBigUInt64BE(BigInt(sent));
      socket.send(Buffer.concat([offset, piece]));
      sent += piece.length;
    }
  };
  socket.on("message", (message, isBinary) => {
    if (isBinary) return;
    const said = JSON.parse(String(message)) as { type: string; offset?: number };
    if (said.type !== "ack" || said.offset === undefined) return;
    shown = said.offset;
    onShown(shown);
    go();
  });
  socket.send(JSON.stringify({ type: "attached", terminal, start: 0, end: output.length }));
  go();
}

/** A shell of the person's. */
export const SHELL: Terminal = {
  id: "term_1",
  number: 1,
  name: "Server",
  columns: 80,
  rows: 24,
  started_at: NOW,
  status: "running",
};

/** Where the stream of that shell of the demo's is. */
export const STREAM = "/conversations/conv_demo/terminals/term_1/stream";

/** What that shell has printed. */
export const PRINTED = Buffer.from(
  [
    "\u001b[1;32mslipway@sandbox\u001b[0m:\u001b[1;34m/workspace/demo-timer\u001b[0m$ python3 -m unittest -v",
    "test_format (test_countdown.CountdownTest) ... \u001b[32mok\u001b[0m",
    "test_tick (test_countdown.CountdownTest) ... \u001b[32mok\u001b[0m",
    "test_zero (test_countdown.CountdownTest) ... \u001b[31mFAIL\u001b[0m",
    "",
    "Ran 3 tests in 0.002s",
    "",
    "\u001b[31mFAILED\u001b[0m (failures=1)",
    "\u001b[1;32mslipway@sandbox\u001b[0m:\u001b[1;34m/workspace/demo-timer\u001b[0m$ ",
  ].join("\r\n"),
);

/** The demo's shell, which nobody answers for until something is put behind `STREAM`, and what its agent left running. */
export function shells(stage: Stage): void {
  const demo = "/conversations/conv_demo";
  stage.answers.set(`${demo}/terminals`, { items: [SHELL], limit: 8 });
  const process = { pids: [], ports: [], started_at: NOW - 90_000, duration_ms: 90_000 };
  stage.answers.set(`${demo}/processes`, {
    items: [
      { ...process, id: "p1", command: "npm test -- --watch", status: "exited", exit_code: 1 },
      { ...process, id: "p2", command: "npm run dev", status: "running", pids: [41, 42], ports: [5173] },
    ],
  });
  const output = { from: 0, next: 40, omitted: 0, tail: "", shared: false };
  for (const id of ["p1", "p2"])
    stage.answers.set(`${demo}/processes/${id}/output`, {
      ...output,
      head: "\u001b[32m  ready\u001b[0m in 312 ms\r\n  http://localhost:5173/\r\n",
    });
}
