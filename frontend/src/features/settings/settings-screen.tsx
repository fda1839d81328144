import { useLocation } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { t } from "@/i18n";
import { DrawerButton } from "@/ui/drawer";
import { type SettingsSectionName, sectionTitle } from "@/ui/settings-sections";

/** The frame of the settings: a title and one section after the other. */
export function SettingsScreen({ children }: { children: ReactNode }) {
  return (
    <main data-testid="settings" className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-[720px] flex-col gap-8 px-4 py-6">
        <header className="flex items-center gap-2">
          <DrawerButton />
          <h1 className="text-18 font-semibold">{t("settings.title")}</h1>
        </header>
        {children}
      </div>
    </main>
  );
}

/** One titled section of the settings; the address may name it, and then it is in view. */
export function SettingsSection({ name, children }: { name: SettingsSectionName; children: ReactNode }) {
  const isNamed = useLocation().hash === name;
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isNamed) return keepInView(section.current);
  }, [isNamed]);
  return (
    <section ref={section} id={name} className="flex scroll-mt-4 flex-col gap-3">
      <h2 className="text-15 font-semibold">{sectionTitle(name)}</h2>
      {children}
    </section>
  );
}

/** How long sections above may still be loading. */
const SETTLING_MS = 2_000;

/** Has an element at the top while those above it still grow; ends as soon as the person scrolls. */
function keepInView(element: HTMLElement | null): (() => void) | undefined {
  const scroller = element?.closest("main");
  if (!element || !scroller) return;
  element.scrollIntoView();
  const observer = new ResizeObserver(() => element.scrollIntoView());
  if (scroller.firstElementChild) observer.observe(scroller.firstElementChild);
  const end = () => {
    observer.disconnect();
    clearTimeout(timer);
    for (const kind of ENDS) scroller.removeEventListener(kind, end);
  };
  const timer = setTimeout(end, SETTLING_MS);
  for (const kind of ENDS) scroller.addEventListener(kind, end, { passive: true });
  return end;
}

const ENDS = ["wheel", "touchstart", "keydown", "pointerdown"] as const;
