/** Has the browser save what is at an address of this origin, under the name that the server gives it. */
export function download(address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}
