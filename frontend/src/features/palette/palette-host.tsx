import { Suspense, useState } from "react";
import { useAction } from "@/ui/actions/registry";
import { useShortcuts } from "@/ui/actions/shortcuts";
import { lazyPart } from "@/ui/lazy-part";

const Palette = lazyPart(() => import("./palette"), { otherwise: "over" });
const ShortcutSheet = lazyPart(() => import("./shortcut-sheet"), { otherwise: "over" });

/** Listens for keys, and opens the palette and the help about keys; both are loaded when first wanted. */
export function PaletteHost() {
  const [open, setOpen] = useState<"palette" | "keys" | null>(null);
  useShortcuts();
  useAction("palette.open", () => setOpen("palette"));
  useAction("shortcuts.show", () => setOpen("keys"));
  const close = () => setOpen(null);
  return (
    <Suspense>
      {open === "palette" && <Palette onClose={close} />}
      {open === "keys" && <ShortcutSheet onClose={close} />}
    </Suspense>
  );
}
