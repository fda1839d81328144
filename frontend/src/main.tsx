import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { loadLocale } from "./i18n/locale";
import { watchKeyboard } from "./platform/keyboard-room";
import { renewWhenOutdated } from "./platform/renewal";
import { keepShell } from "./platform/service-worker";
import { router } from "./routes/router";
import { whenIdle } from "./ui/idle";
import "./styles/fonts";
import "./styles/index.css";

watchKeyboard();
renewWhenOutdated();

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
