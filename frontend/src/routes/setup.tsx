import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { createConversation, listProviders, updateSettings } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { instanceQuery, useInstance } from "@/api/queries";
import type { Conversation, Instance, Problem } from "@/api/types";
import { SetupScreen } from "@/features/setup/setup-screen";
import { type StepName, statesOf } from "@/features/setup/steps";
import { ts } from "@/i18n/en-setup";
import { useSession } from "@/stream/react";
import { useStored } from "@/ui/use-stored";
import { useStepContent } from "./setup/content";
import { useSetupFacts } from "./setup/facts";

/** The first-run screen: its steps stand where the facts say, so it can be left and opened again at any time. */
export function SetupRoute() {
  const queries = useQueryClient();
  const session = useSession();
  const navigate = useNavigate();
  const instance = useInstance().data;
  const known = useSetupFacts(instance);
  const [skipped, skip] = useSkipped();
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
  /** Remembers that the set-up is done: nobody is led here any more. */
  const finish = async () => {
    await updateSettings({ setup_done: true });
    queries.setQueryData<Instance>(instanceQuery.queryKey, (old) => old && { ...old, needs_setup: false });
    await queries.invalidateQueries();
  };
  const demo = async () => {
    const { providers } = await listProviders();
    const script = providers.find(({ scripted }) => scripted);
    const model = script?.models[0];
    const choice = script && model !== undefined ? { provider_id: script.id, model } : undefined;
    const conversation = await createConversation({ model: choice });
    session.list.put(conversation);
    void session.acquire(conversation.id).send(ts("demoTask"), "queue");
    await finish();
    await show(conversation, "desktop");
    session.release(conversation.id);
  };
  const firstTask = async () => {
    const conversation = await session.beginnings.begin({
      text: ts("task"),
      workspace: known.workspace,
      attachments: [],
    });
    await finish();
    // Else it waits until somebody answers, and the first page says so.
    if (conversation) await show(conversation);
    else await navigate({ to: "/" });
  };
  const show = ({ id }: Conversation, panel?: "desktop") =>
    navigate({ to: "/c/$id", params: { id }, search: { panel } });
  const leave = async () => {
    await finish();
    await navigate({ to: "/" });
  };
  const states = statesOf(known.facts, skipped);
  const content = useStepContent({
    known,
    busy,
    hasModel: states.model === "done",
    onModel: (model) =>
      void attempt(async () => {
        // Whoever adds a model to a script wants it to do the work.
        if (known.isScripted) await updateSettings({ default_model: model });
        await queries.invalidateQueries();
      }),
    onDemo: () => void attempt(demo),
    onTask: () => void attempt(firstTask),
  });

  if (!instance || !content) return null;
  return (
    <SetupScreen
      states={states}
      content={content}
      busy={busy}
      problem={problem}
      onSkip={skip}
      onLeave={() => void attempt(leave)}
    />
  );
}

/** Steps that were passed over in this browser; also when the page is opened again. */
function useSkipped(): [readonly string[], (name: StepName) => void] {
  const [stored, store] = useStored("slipway.setupSkipped");
  const skipped = stored?.split(" ") ?? [];
  return [skipped, (name) => store([...skipped, name].join(" "))];
}
