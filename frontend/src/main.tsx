import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { loadLocale } from "./i18n/locale";
import { watchKeyboard } from "./platform/keyboard-room";
import { keepShell } from "./platform/service-worker";
import { router } from "./routes/router";
import { whenIdle } from "./ui/idle";
import "./styles/fonts";
import "./styles/index.css";

// After an update the files of the old version are gone; one reload fetches the new ones.
window.addEventListener("vite:preloadError", () => void renew());

async function renew(): Promise<void> {
  if (sessionStorage.getItem("slipway.reloaded")) return;
  // Where nobody answers a reload would lose the page, and what could not be loaded may be there later.
  const page = await fetch("/", { cache: "no-store" }).catch(() => null);
  if (!page?.ok) return;
  sessionStorage.setItem("slipway.reloaded", "yes");
  location.reload();
}

watchKeyboard();

if (import.meta.env.PROD) window.addEventListener("load", () => whenIdle(keepShell), { once: true });

const root = document.getElementById("root");
if (root) {
  await loadLocale();
  createRoot(root).render(
    <StrictMode>
      <RouterProvider router={router} />
    </StrictMode>,
  );
}
