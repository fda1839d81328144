import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import DesktopView from "@/features/desktop/desktop-view";
import { loadLocale } from "@/i18n/locale";
import "@/styles/fonts";
import "@/styles/index.css";

const root = document.getElementById("root");
const scheme = location.protocol === "https:" ? "wss:" : "ws:";

if (root) {
  await loadLocale();
  createRoot(root).render(
    <StrictMode>
      <DesktopView url={`${scheme}//${location.host}/websockify`} />
    </StrictMode>,
  );
}
