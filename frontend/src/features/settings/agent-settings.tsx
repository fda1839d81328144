import { type FormEvent, type ReactNode, useState } from "react";
import { toProblem } from "@/api/problem";
import { useSaveSettings } from "@/api/queries";
import type { RunLimits, Settings } from "@/api/types";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { TextArea, TextField } from "@/ui/field";
import { ProblemView } from "@/ui/problem-view";

/** When runs end by themselves. */
export function LimitsForm({ settings }: { settings: Settings }) {
  const [limits, setLimits] = useState(settings.limits);
  const field = (name: keyof RunLimits) => ({
    type: "number",
    min: 1,
    value: limits[name] ?? "",
    className: "max-w-40",
    onChange: (event: { target: HTMLInputElement }) =>
      setLimits({ ...limits, [name]: event.target.value === "" ? null : event.target.valueAsNumber }),
  });
  const complete = (limits.max_steps ?? 0) >= 1 && (limits.max_parallel_calls ?? 0) >= 1;
  return (
    <SavedForm changed={limits !== settings.limits && complete} settings={{ ...settings, limits }}>
      <TextField label={t("settings.maxSteps")} help={t("settings.maxStepsHelp")} {...field("max_steps")} />
      <TextField label={t("settings.parallel")} {...field("max_parallel_calls")} />
      <TextField
        label={t("settings.outputTokens")}
        help={t("settings.outputTokensHelp")}
        {...field("max_output_tokens")}
      />
    </SavedForm>
  );
}

/** What the model is always told. */
export function InstructionsForm({ settings }: { settings: Settings }) {
  const [instructions, setInstructions] = useState(settings.instructions);
  return (
    <SavedForm changed={instructions !== settings.instructions} settings={{ ...settings, instructions }}>
      <TextArea
        label={t("settings.instructions")}
        help={t("settings.instructionsHelp")}
        rows={6}
        value={instructions}
        onChange={(event) => setInstructions(event.target.value)}
      />
    </SavedForm>
  );
}

interface SavedFormProps {
  changed: boolean;
  /** What to save. */
  settings: Settings;
  children: ReactNode;
}

/** Fields with a button that saves them and says so. */
function SavedForm({ changed, settings, children }: SavedFormProps) {
  const save = useSaveSettings();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(settings);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {children}
      {save.error && <ProblemView problem={toProblem(save.error)} />}
      <div className="flex items-center gap-2">
        <Button kind="primary" type="submit" disabled={!changed || save.isPending}>
          {t("action.save")}
        </Button>
        {save.isSuccess && !changed && (
          <span role="status" className="text-12 text-ok">
            ✓ {t("action.saved")}
          </span>
        )}
      </div>
    </form>
  );
}
