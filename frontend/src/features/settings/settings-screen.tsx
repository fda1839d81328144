import type { ReactNode } from "react";
import { t } from "@/i18n";
import { DrawerButton } from "@/ui/drawer";

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

/** One titled section of the settings. */
export function SettingsSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-15 font-semibold">{title}</h2>
      {children}
    </section>
  );
}
