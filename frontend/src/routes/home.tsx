import { useNavigate } from "@tanstack/react-router";
import { Suspense, useEffect, useState } from "react";
import { toProblem } from "@/api/problem";
import { useInstance, useProviders } from "@/api/queries";
import type { Attachment, Problem } from "@/api/types";
import { DEFAULT_WORKSPACE } from "@/api/workspaces";
import { AddModelHint } from "@/features/composer/add-model-hint";
import { useArrival } from "@/features/composer/arrival";
import { Composer } from "@/features/composer/composer";
import { WorkspacePicker } from "@/features/workspaces/workspace-picker";
import { t } from "@/i18n";
import { useBeginnings, useSession } from "@/stream/react";
import { Badge } from "@/ui/badge";
import { DrawerButton } from "@/ui/drawer";
import { lazyPart } from "@/ui/lazy-part";
import { ProblemView } from "@/ui/problem-view";
import { useChosenWorkspace } from "./chosen-workspace";

/** Most conversations begin at once; what shows those that wait is wanted when nothing can be loaded any more. */
const BeginningList = lazyPart(() => import("@/features/composer/beginning-list"));

/** A new conversation: it comes into being with its first message. */
export function Home() {
  const session = useSession();
  const arrival = useArrival();
  const navigate = useNavigate();
  const waits = useBeginnings().length > 0;
  useEffect(() => void BeginningList.preload(), []);
  const sandbox = useInstance().data?.sandbox;
  const [workspace, setWorkspace] = useChosenWorkspace();
  const directory =
    workspace === DEFAULT_WORKSPACE ? sandbox?.workspace : `${sandbox?.workspaces ?? ""}/${workspace}`;
  const [attempt, setAttempt] = useState<{ count: number; problem: Problem | null }>({
    count: 0,
    problem: null,
  });

  const start = async (text: string, restore: () => void, attachments: Attachment[]) => {
    try {
      const conversation = await session.beginnings.begin({ text, workspace, attachments });
      // Else it waits, and says so.
      if (conversation) await navigate({ to: "/c/$id", params: { id: conversation.id } });
    } catch (error) {
      restore();
      setAttempt(({ count }) => ({ count: count + 1, problem: toProblem(error) }));
    }
  };

  return (
    <main className="flex h-full flex-col">
      <header className="flex h-11 shrink-0 items-center px-1.5">
        <DrawerButton />
      </header>
      <div className="flex flex-1 flex-col justify-center pb-[12vh]">
        <div className="mx-auto w-full max-w-[1100px] px-4 pb-4 md:px-6">
          <h1 className="text-22 font-semibold">{t("timeline.emptyTitle")}</h1>
          <p className="text-14 text-text-2">
            {t("timeline.emptyHelp", { workspace: directory || t("tool.workspace") })}
          </p>
        </div>
        {attempt.problem && (
          <div className="mx-auto w-full max-w-[1100px] px-4 pb-3 md:px-6">
            <ProblemView problem={attempt.problem} />
          </div>
        )}
        <Composer
          // What is attached lies in the workspace that was chosen then.
          key={`${attempt.count}:${workspace}`}
          scope="new"
          workspace={workspace}
          run="idle"
          focusFrom={arrival}
          above={
            <>
              <Suspense>{waits && <BeginningList />}</Suspense>
              <AddModelHint />
            </>
          }
          onSend={(text, _mode, restore, attachments) => void start(text, restore, attachments)}
          below={
            <span className="flex items-center gap-2">
              <WorkspacePicker chosen={workspace} onChoose={setWorkspace} />
              <DefaultModel />
            </span>
          }
        />
      </div>
    </main>
  );
}

/** Which model a new conversation will use. */
function DefaultModel() {
  const list = useProviders().data;
  const provider = list?.providers.find(({ id }) => id === list.default_model.provider_id);
  if (!list) return t("composer.hint");
  return (
    <span className="flex items-center gap-1.5">
      <span className="truncate font-mono">{list.default_model.model}</span>
      {provider?.scripted && <Badge title={t("sidebar.scriptedHelp")}>{t("sidebar.scripted")}</Badge>}
    </span>
  );
}
