/**
 * Has the browser keep the files that the page begins with. Browsers allow that only on HTTPS and on this machine; elsewhere
 * nothing happens.
 */
export async function keepShell(): Promise<void> {
  if ("serviceWorker" in navigator && window.isSecureContext)
    await navigator.serviceWorker.register("/sw.js");
}
