/** A new random id of 32 hexadecimal digits; `crypto.randomUUID` does not exist on plain-HTTP origins. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
