import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import DesktopView from "@/features/desktop/desktop-view";
import "@/styles/fonts";
import "@/styles/index.css";

const root = document.getElementById("root");
const scheme = location.protocol === "https:" ? "wss:" : "ws:";

if (root) {
  createRoot(root).render(
    <StrictMode>
      <DesktopView url={`${scheme}//${location.host}/websockify`} />
    </StrictMode>,
  );
}
