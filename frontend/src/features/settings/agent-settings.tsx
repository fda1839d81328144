import { type FormEvent, type ReactNode, useState } from "react";
import { toProblem } from "@/api/problem";
import { useProviders, useSaveSettings } from "@/api/queries";
import type { Budget, ContextMode, RunLimits, Settings, UpdateSettings } from "@/api/types";
import { t } from "@/i18n";
import { tg } from "@/i18n/en-settings";
import { BudgetFields } from "@/ui/budget-fields";
import { SelectField, TextArea, TextField } from "@/ui/field";
import { LimitField } from "@/ui/limit-field";
import { ProblemView } from "@/ui/problem-view";
import { SaveRow } from "@/ui/save-row";

const DEFAULT_STEPS = 30;
const DEFAULT_PARALLEL = 5;
const NO_LIMITS: Budget = { steps: null, tokens: null, cost_micros: null, minutes: null };

/** When runs end by themselves, and what conversations may consume. */
export function LimitsForm({ settings }: { settings: Settings }) {
  const [limits, setLimits] = useState(settings.limits);
  const [run, setRun] = useState<Budget>(runBudget(settings.limits));
  const [conversation, setConversation] = useState<Budget>(settings.conversation_budget ?? NO_LIMITS);
  const [changed, setChanged] = useState(false);
  function noting<T>(set: (value: T) => void) {
    return (value: T) => {
      set(value);
      setChanged(true);
    };
  }
  return (
    <SavedForm
      changed={changed}
      change={{ limits: withBudget(limits, run), conversation_budget: conversation }}
      onSaved={() => setChanged(false)}
    >
      <p className="text-12 text-text-3">{tg("settings.budgetHelp")}</p>
      <BudgetFields
        title={tg("settings.runBudget")}
        value={run}
        fallback={{ ...NO_LIMITS, steps: DEFAULT_STEPS }}
        onChange={noting(setRun)}
      />
      <BudgetFields
        title={tg("settings.conversationBudget")}
        value={conversation}
        onChange={noting(setConversation)}
      />
      <LimitField
        label={tg("settings.parallel")}
        value={limits.max_parallel_calls}
        onChange={noting((most) => setLimits({ ...limits, max_parallel_calls: most ?? DEFAULT_PARALLEL }))}
      />
      <LimitField
        label={tg("settings.outputTokens")}
        help={tg("settings.outputTokensHelp")}
        value={limits.max_output_tokens}
        onChange={noting((most) => setLimits({ ...limits, max_output_tokens: most }))}
      />
    </SavedForm>
  );
}

function runBudget(limits: RunLimits): Budget {
  return {
    steps: limits.max_steps,
    tokens: limits.max_total_tokens ?? null,
    cost_micros: limits.max_cost_micros ?? null,
    minutes: limits.max_minutes ?? null,
  };
}

/** The limits with this budget; a run always has a limit of steps. */
function withBudget(limits: RunLimits, run: Budget): RunLimits {
  return {
    ...limits,
    max_steps: run.steps ?? DEFAULT_STEPS,
    max_total_tokens: run.tokens,
    max_cost_micros: run.cost_micros,
    max_minutes: run.minutes,
  };
}

/** What the model is always told. */
export function InstructionsForm({ settings }: { settings: Settings }) {
  const [instructions, setInstructions] = useState(settings.instructions);
  return (
    <SavedForm changed={instructions !== settings.instructions} change={{ instructions }}>
      <TextArea
        label={t("settings.instructions")}
        help={tg("settings.instructionsHelp")}
        rows={6}
        value={instructions}
        onChange={(event) => setInstructions(event.target.value)}
      />
    </SavedForm>
  );
}

/** A cheaper model for work on the side. */
export function SecondaryModelForm({ settings }: { settings: Settings }) {
  const saved = settings.secondary_model;
  const [provider, setProvider] = useState(saved?.provider_id ?? "");
  const [model, setModel] = useState(saved?.model ?? "");
  const providers = useProviders().data?.providers ?? [];
  const known = providers.find(({ id }) => id === provider)?.models ?? [];
  const choose = (id: string) => {
    setProvider(id);
    setModel("");
  };
  const changed = provider !== (saved?.provider_id ?? "") || model !== (saved?.model ?? "");
  return (
    <SavedForm
      changed={changed && (provider === "") === (model.trim() === "")}
      change={{ secondary_model: { provider_id: provider, model: model.trim() } }}
    >
      <p className="text-12 text-text-3">{tg("settings.secondaryHelp")}</p>
      <SelectField
        label={tg("settings.secondaryProvider")}
        value={provider}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="">{tg("settings.secondaryNone")}</option>
        {providers.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      {provider !== "" && (
        <>
          <TextField
            label={tg("settings.secondaryModel")}
            list="secondary-models"
            value={model}
            onChange={(event) => setModel(event.target.value)}
          />
          <datalist id="secondary-models">
            {known.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
    </SavedForm>
  );
}

/** In which ways open files can be shown to the model, the usual one first. */
const CONTEXT_MODES = [
  ["by_profile", "settings.contextByProfile"],
  ["auto", "settings.contextAuto"],
  ["per_file", "settings.contextPerFile"],
  ["consolidated", "settings.contextConsolidated"],
] as const satisfies readonly (readonly [ContextMode, string])[];

/** How open files are shown to the model. */
export function ContextForm({ settings }: { settings: Settings }) {
  const saved = settings.context_mode ?? "by_profile";
  const [mode, setMode] = useState(saved);
  return (
    <SavedForm changed={mode !== saved} change={{ context_mode: mode }}>
      <SelectField
        label={tg("settings.contextMode")}
        help={tg("settings.contextModeHelp")}
        value={mode}
        onChange={(event) => setMode(event.target.value as ContextMode)}
      >
        {CONTEXT_MODES.map(([value, name]) => (
          <option key={value} value={value}>
            {tg(name)}
          </option>
        ))}
      </SelectField>
    </SavedForm>
  );
}

interface SavedFormProps {
  changed: boolean;
  /** What to save. */
  change: Partial<UpdateSettings>;
  onSaved?: () => void;
  children: ReactNode;
}

/** Fields with a button that saves them and says so. */
function SavedForm({ changed, change, onSaved, children }: SavedFormProps) {
  const save = useSaveSettings();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(change, { onSuccess: onSaved });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {children}
      {save.error && <ProblemView problem={toProblem(save.error)} />}
      <SaveRow changed={changed} saving={save.isPending} saved={save.isSuccess} />
    </form>
  );
}
