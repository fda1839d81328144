import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { loadLocale } from "./i18n/locale";
import { watchKeyboard } from "./platform/keyboard-room";
import { router } from "./routes/router";
import "./styles/fonts";
import "./styles/index.css";

// After an update the files of the old version are gone; one reload fetches the new ones.
window.addEventListener("vite:preloadError", (event) => {
  if (sessionStorage.getItem("slipway.reloaded")) return;
  sessionStorage.setItem("slipway.reloaded", "yes");
  event.preventDefault();
  location.reload();
});

watchKeyboard();

const root = document.getElementById("root");
if (root) {
  await loadLocale();
  createRoot(root).render(
    <StrictMode>
      <RouterProvider router={router} />
    </StrictMode>,
  );
}
