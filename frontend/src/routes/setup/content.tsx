import { Clapperboard, Play } from "lucide-react";
import type { ModelChoice } from "@/api/types";
import { useWorkspaces } from "@/api/workspaces";
import { FirstAccount } from "@/features/accounts/first-account";
import { FillWorkspace } from "@/features/files/fill-workspace";
import { AddProvider } from "@/features/providers/add-provider";
import { EnvironmentTable, SandboxState } from "@/features/setup/environment";
import type { StepContent } from "@/features/setup/setup-screen";
import type { StepName } from "@/features/setup/steps";
import { nameOf, WorkspacePicker } from "@/features/workspaces/workspace-picker";
import { ts } from "@/i18n/en-setup";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { ProblemView } from "@/ui/problem-view";
import type { Known } from "./facts";

interface ContentProps {
  known: Known;
  busy: boolean;
  hasModel: boolean;
  onModel: (model: ModelChoice) => void;
  onDemo: () => void;
  onTask: () => void;
}

/** What each step shows, put together from the features that it is about; null until the instance is known. */
export function useStepContent(props: ContentProps): Record<StepName, StepContent> | null {
  const { known } = props;
  const workspaces = useWorkspaces().data?.items ?? [];
  const { instance, environment, environmentProblem } = known;
  if (!instance) return null;
  return {
    environment: {
      summary: <SandboxState instance={instance} environment={environment} />,
      body: (
        <>
          {environmentProblem && <ProblemView problem={environmentProblem} />}
          {environment && <EnvironmentTable environment={environment} />}
        </>
      ),
    },
    account: accountStep(known),
    model: modelStep(props),
    workspace: workspaceStep(known, nameOf(workspaces.find(({ id }) => id === known.workspace))),
    task: taskStep(props),
  };
}

function accountStep({ account, people, facts }: Known): StepContent {
  if (!account) return { body: null };
  const { name, has_password } = account;
  const way = has_password ? "accountNamed" : facts.isLocal ? "accountLocal" : "accountNetwork";
  return {
    summary: (
      <p>
        {ts(way, { name })} {people !== null && people > 1 && ts("accountPeople", { n: people })}
      </p>
    ),
    body: <FirstAccount account={account} />,
  };
}

function modelStep({ known: { providers }, hasModel, onModel }: ContentProps): StepContent {
  const { default_model: model, providers: there = [] } = providers ?? {};
  const provider = there.find(({ id }) => id === model?.provider_id);
  const says = model && provider && !provider.scripted;
  return {
    summary: says && <p>{ts("modelReady", { model: model.model, provider: provider.name })}</p>,
    body: (
      <>
        <p className="text-text-2">{ts(hasModel ? "modelOther" : "modelHelp")}</p>
        {/* The form is over when its model is there. */}
        <AddProvider key={there.length} onSaved={onModel} />
      </>
    ),
  };
}

function workspaceStep({ facts, workspace, chooseWorkspace }: Known, name: string): StepContent {
  const { entries } = facts;
  const says =
    entries === null
      ? ts("workspaceAway")
      : entries === 0
        ? ts("workspaceEmpty", { name })
        : entries && ts("workspaceHolds", { name, n: entries });
  return {
    summary: says && <p>{says}</p>,
    body: (
      <>
        <p className="text-text-2">{ts("workspaceHelp")}</p>
        <div className="flex flex-wrap items-center gap-2 text-text-2">
          <span>{ts("workspaceUse")}</span>
          <WorkspacePicker chosen={workspace} onChoose={chooseWorkspace} />
        </div>
        {entries !== null && <FillWorkspace key={workspace} workspace={workspace} />}
      </>
    ),
  };
}

function taskStep({ known, busy, hasModel, onDemo, onTask }: ContentProps): StepContent {
  return {
    summary: known.facts.hasConversation && <p>{ts("taskDone")}</p>,
    body: (
      <>
        {hasModel && (
          <div className="flex flex-col items-start gap-2">
            <p className="text-text-2">{ts("taskHelp")}</p>
            <Button
              kind="primary"
              data-testid="first-task"
              icon={<Icon of={Play} />}
              disabled={busy}
              onClick={onTask}
            >
              {ts("taskStart")}
            </Button>
          </div>
        )}
        <div className="flex flex-col items-start gap-2">
          <p className="text-text-2">{ts("demoHelp")}</p>
          <Button
            data-testid="try-demo"
            icon={<Icon of={Clapperboard} />}
            disabled={busy}
            className="max-w-full whitespace-normal"
            onClick={onDemo}
          >
            {ts("demo")}
          </Button>
        </div>
      </>
    ),
  };
}
