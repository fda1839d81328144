import { Buffer } from "node:buffer";
import type { WebSocket } from "ws";

const WIDTH = 1280;
const HEIGHT = 800;
/** What RFB calls "a rectangle of one colour with others upon it". */
const RRE = 2;
/** A client asks for the picture with a message that begins with this. */
const WANTS_PICTURE = 3;

/** Colour as 0xRRGGBB, left, top, width, height. */
type Area = readonly [number, number, number, number, number];

const GROUND = 0x2b3a42;
/** A bar with two windows' names, and a window with a clock that counts down. */
const AREAS: readonly Area[] = [
  [0x1b1f23, 0, 768, 1280, 32],
  [0x3a4750, 8, 773, 180, 22],
  [0x2f3a41, 196, 773, 180, 22],
  [0x000000, 338, 198, 604, 364],
  [0xf4f4f2, 340, 200, 600, 360],
  [0x3a4750, 340, 200, 600, 28],
  [0xd9534f, 914, 206, 16, 16],
  [0xffffff, 380, 260, 520, 160],
  [0x1b1f23, 440, 300, 16, 80],
  [0x1b1f23, 500, 300, 16, 80],
  [0x1b1f23, 472, 300, 44, 16],
  [0x1b1f23, 560, 300, 60, 16],
  [0x1b1f23, 560, 332, 60, 16],
  [0x1b1f23, 560, 364, 60, 16],
  [0x1b1f23, 660, 316, 12, 12],
  [0x1b1f23, 660, 348, 12, 12],
  [0x1b1f23, 712, 300, 60, 80],
  [0xffffff, 728, 316, 28, 48],
  [0x2f55c8, 420, 460, 160, 48],
  [0xdededa, 700, 460, 160, 48],
];

/** Plays a desktop, by the protocol of VNC: nobody asks for a password, and the picture stands still. */
export function playDesktop(socket: WebSocket): void {
  const steps: (() => void)[] = [
    () => socket.send(Buffer.from([1, 1])),
    () => socket.send(Buffer.alloc(4)),
    () => socket.send(welcome()),
  ];
  socket.on("message", (message: Buffer) => {
    const step = steps.shift();
    if (step) step();
    else if (message[0] === WANTS_PICTURE && message[1] === 0) socket.send(picture());
  });
  socket.send(Buffer.from("RFB 003.008\n"));
}

function welcome(): Buffer {
  const name = Buffer.from("desktop");
  const head = Buffer.alloc(24);
  head.writeUInt16BE(WIDTH, 0);
  head.writeUInt16BE(HEIGHT, 2);
  // 32 bits for a pixel, 24 of them colour: 8 for each of red, green and blue.
  head.set([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 0, 8, 16], 4);
  head.writeUInt32BE(name.length, 20);
  return Buffer.concat([head, name]);
}

/** A colour in the order in which noVNC asks for it: red first. */
const pixel = (colour: number) => Buffer.from([colour >> 16, (colour >> 8) & 255, colour & 255, 0]);

const shorts = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value, at * 2);
  return bytes;
};

function picture(): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(RRE, 0);
  head.writeUInt32BE(AREAS.length, 4);
  const areas = AREAS.map(([colour, ...place]) => Buffer.concat([pixel(colour), shorts(...place)]));
  return Buffer.concat([shorts(0, 1, 0, 0, WIDTH, HEIGHT), head, pixel(GROUND), ...areas]);
}
