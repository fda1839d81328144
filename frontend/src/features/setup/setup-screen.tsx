import { ArrowRight, Clapperboard } from "lucide-react";
import type { ReactNode } from "react";
import type { Instance, Problem } from "@/api/types";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { ProblemView } from "@/ui/problem-view";

interface SetupScreenProps {
  instance: Instance;
  /** The form that adds a model. */
  addModel: ReactNode;
  busy: boolean;
  problem: Problem | null;
  onDemo: () => void;
  onSkip: () => void;
}

/** The first screen of a new instance: what is there, which model to use, or the demo. */
export function SetupScreen({ instance, addModel, busy, problem, onDemo, onSkip }: SetupScreenProps) {
  return (
    <main data-testid="setup" className="h-dvh overflow-y-auto">
      <div className="mx-auto flex max-w-[640px] flex-col gap-6 px-4 py-10 sm:py-16">
        <header className="flex flex-col gap-1">
          <img src="/icon.svg" alt="" width={28} height={28} className="mb-2" />
          <h1 className="text-22 font-semibold">{t("setup.title")}</h1>
          <p className="text-14 text-text-2">{t("setup.intro")}</p>
        </header>
        <Environment instance={instance} />
        <section aria-labelledby="setup-demo" className="rounded-card border border-line bg-surface p-4">
          <p id="setup-demo" className="pb-3 text-text-2">
            {t("setup.demoHelp")}
          </p>
          <Button data-testid="try-demo" icon={<Icon of={Clapperboard} />} disabled={busy} onClick={onDemo}>
            {t("setup.demo")}
          </Button>
        </section>
        <section aria-labelledby="setup-model" className="flex flex-col gap-3">
          <h2 id="setup-model" className="text-15 font-semibold">
            {t("setup.model")}
          </h2>
          {addModel}
        </section>
        {problem && <ProblemView problem={problem} />}
        <div className="flex justify-end">
          <Button kind="quiet" disabled={busy} onClick={onSkip}>
            {t("setup.skip")}
            <Icon of={ArrowRight} />
          </Button>
        </div>
      </div>
    </main>
  );
}

/** Whether there is a sandbox to work in, and what kind of one. */
function Environment({ instance }: { instance: Instance }) {
  const { attached, confinement, workspace, warning } = instance.sandbox;
  return (
    <section aria-labelledby="setup-environment" className="flex flex-col gap-1">
      <h2 id="setup-environment" className="text-15 font-semibold">
        {t("setup.environment")}
      </h2>
      <p
        role="status"
        data-testid="setup-sandbox"
        data-attached={attached}
        className="flex gap-2 text-text-2"
      >
        <span aria-hidden="true" className={attached ? "text-ok" : "text-waiting"}>
          {attached ? "✓" : "◐"}
        </span>
        <span>
          {attached ? t("setup.sandboxReady", { workspace }) : t("setup.sandboxMissing")}
          {attached && confinement && ` (${t(`setup.${confinement}`)})`}
        </span>
      </p>
      {warning && (
        <p className="flex gap-2 text-text-2">
          <span aria-hidden="true" className="text-waiting">
            ▲
          </span>
          {warning}
        </p>
      )}
    </section>
  );
}
