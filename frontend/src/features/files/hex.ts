/** Bytes of a line. */
const WIDTH = 16;

/** Bytes as programmers read them: where they are, their values, and the letters that they would be. */
export function hexLines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let from = 0; from < bytes.length; from += WIDTH) {
    const part = [...bytes.subarray(from, from + WIDTH)];
    const values = part.map((byte) => byte.toString(16).padStart(2, "0"));
    const left = values.slice(0, WIDTH / 2).join(" ");
    const right = values.slice(WIDTH / 2).join(" ");
    const letters = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."));
    lines.push(
      `${from.toString(16).padStart(8, "0")}  ${left.padEnd(23)}  ${right.padEnd(23)}  ${letters.join("")}`,
    );
  }
  return lines.join("\n");
}
