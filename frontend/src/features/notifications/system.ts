/** How things stand with notifications of the system. */
export type SystemState = "unavailable" | "insecure" | "denied" | "default" | "granted";

/** Plain-HTTP addresses of other machines have none: browsers keep them for secure ones. */
export function systemState(): SystemState {
  if (!window.isSecureContext) return "insecure";
  if (!("Notification" in window)) return "unavailable";
  return Notification.permission;
}

/** Asks the person, which browsers allow only in answer to something that they did. */
export async function askPermission(): Promise<SystemState> {
  if (systemState() !== "default") return systemState();
  return Notification.requestPermission();
}

/** Shows a notification of the system; a click on it leads to the page. */
export function notifySystem(title: string, body: string, tag: string, onClick: () => void): void {
  if (systemState() !== "granted") return;
  try {
    const notification = new Notification(title, { body, tag, icon: "/icon.svg" });
    notification.onclick = () => {
      window.focus();
      onClick();
      notification.close();
    };
  } catch {
    // Some phones have them only in service workers; title and icon tell there.
  }
}
