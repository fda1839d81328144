import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { createConversation, listProviders, updateSettings } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { instanceQuery, useInstance } from "@/api/queries";
import type { Instance, ModelChoice, Problem } from "@/api/types";
import { AddProvider } from "@/features/providers/add-provider";
import { SetupScreen } from "@/features/setup/setup-screen";
import { t } from "@/i18n";
import { useSession } from "@/stream/react";

/** The first-run screen; anything done here ends the set-up. */
export function SetupRoute() {
  const queries = useQueryClient();
  const session = useSession();
  const navigate = useNavigate();
  const instance = useInstance().data;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const attempt = async (action: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await action();
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy(false);
    }
  };
  /** Remembers that the set-up is done; the new model, if any, becomes the default. */
  const finish = async (model?: ModelChoice) => {
    await updateSettings({ setup_done: true, default_model: model ?? null });
    queries.setQueryData<Instance>(instanceQuery.queryKey, (old) => old && { ...old, needs_setup: false });
    await queries.invalidateQueries();
  };
  const demo = () =>
    attempt(async () => {
      const { providers } = await listProviders();
      const script = providers.find(({ scripted }) => scripted);
      const model = script?.models[0];
      const choice = script && model !== undefined ? { provider_id: script.id, model } : undefined;
      const conversation = await createConversation({ model: choice });
      session.list.put(conversation);
      void session.acquire(conversation.id).send(t("setup.demoTask"), "queue");
      await finish();
      await navigate({ to: "/c/$id", params: { id: conversation.id }, search: { panel: "desktop" } });
      session.release(conversation.id);
    });
  const saved = (model: ModelChoice) =>
    void attempt(async () => {
      await finish(model);
      await navigate({ to: "/" });
    });
  const skip = () =>
    attempt(async () => {
      await finish();
      await navigate({ to: "/" });
    });

  if (!instance) return null;
  return (
    <SetupScreen
      instance={instance}
      addModel={<AddProvider onSaved={saved} />}
      busy={busy}
      problem={problem}
      onDemo={() => void demo()}
      onSkip={() => void skip()}
    />
  );
}
