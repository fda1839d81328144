import { useQueryClient } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { saveProvider, testProvider } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { providersQuery } from "@/api/queries";
import type { ModelChoice, Problem, ProviderTestResult } from "@/api/types";
import { t } from "@/i18n";
import { tv } from "@/i18n/en-providers";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Icon } from "@/ui/icon";
import { ProblemView } from "@/ui/problem-view";
import {
  checkDraft,
  type DraftErrors,
  type ProviderDraft,
  type ProviderSubject,
  type Sees,
  toSave,
} from "./form-state";
import { ModelOptions } from "./model-options";
import { PaymentField } from "./payment-field";
import { TestResult } from "./test-result";

interface ProviderFormProps {
  subject: ProviderSubject;
  /** Called with the model when it is saved. */
  onSaved: (choice: ModelChoice) => void;
  onCancel?: () => void;
}

/** Key, address and model of one provider, with a test that makes a real call. */
export function ProviderForm({ subject, onSaved, onCancel }: ProviderFormProps) {
  const queries = useQueryClient();
  const modelsId = useId();
  const [draft, setDraft] = useState(subject.initial);
  const [errors, setErrors] = useState<DraftErrors>({});
  const [busy, setBusy] = useState<"test" | "save" | null>(null);
  const [result, setResult] = useState<ProviderTestResult | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  const change = (part: Partial<ProviderDraft>) => {
    setDraft({ ...draft, ...part });
    setErrors({});
    setResult(null);
    setProblem(null);
  };
  const attempt = async (what: "test" | "save", action: () => Promise<void>) => {
    const found = checkDraft(subject, draft);
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    setBusy(what);
    setProblem(null);
    try {
      await action();
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setBusy(null);
    }
  };
  const test = () =>
    attempt("test", async () => {
      setResult(null);
      const provider = toSave(subject, draft);
      const stored = subject.existing ? { provider_id: subject.id } : {};
      setResult(await testProvider({ ...stored, provider, model: draft.model.trim() }));
    });
  const save = (event: FormEvent) => {
    event.preventDefault();
    void attempt("save", async () => {
      await saveProvider(subject.id, toSave(subject, draft));
      await queries.invalidateQueries({ queryKey: providersQuery.queryKey });
      onSaved({ provider_id: subject.id, model: draft.model.trim() });
    });
  };

  return (
    <form onSubmit={save} noValidate data-testid="provider-form" className="flex flex-col gap-3">
      {(subject.needsKey || subject.profile === "custom" || subject.hasKey) && (
        <KeyField
          subject={subject}
          value={draft.key}
          error={errors.key}
          onChange={(key) => change({ key })}
        />
      )}
      <TextField
        label={tv("provider.model")}
        help={tv("provider.modelHelp")}
        list={modelsId}
        value={draft.model}
        error={errors.model}
        className="font-mono"
        onChange={(event) => change({ model: event.target.value })}
      />
      <ModelOptions id={modelsId} subject={subject} />
      <TextField
        label={tv("provider.baseUrl")}
        help={tv("provider.baseUrlHelp")}
        type="url"
        value={draft.baseUrl}
        error={errors.baseUrl}
        className="font-mono"
        onChange={(event) => change({ baseUrl: event.target.value })}
      />
      <SelectField
        label={tv("provider.sees")}
        help={tv("provider.seesHelp")}
        value={draft.sees}
        onChange={(event) => change({ sees: event.target.value as Sees })}
      >
        <option value="known">{tv("provider.seesKnown")}</option>
        <option value="yes">{tv("provider.seesYes")}</option>
        <option value="no">{tv("provider.seesNo")}</option>
      </SelectField>
      <PaymentField value={draft.payment} onChange={(payment) => change({ payment })} />
      <TextField
        label={tv("provider.name")}
        value={draft.name}
        onChange={(event) => change({ name: event.target.value })}
      />
      <div className="flex flex-wrap items-center justify-end gap-2">
        {onCancel && (
          <Button kind="quiet" onClick={onCancel}>
            {t("action.cancel")}
          </Button>
        )}
        <Button data-testid="provider-test" disabled={busy !== null} onClick={() => void test()}>
          {tv(busy === "test" ? "provider.testing" : "provider.test")}
        </Button>
        <Button data-testid="provider-save" kind="primary" type="submit" disabled={busy !== null}>
          {t("action.save")}
        </Button>
      </div>
      {result && <TestResult result={result} />}
      {problem && <ProblemView problem={problem} />}
    </form>
  );
}

interface KeyFieldProps {
  subject: ProviderSubject;
  value: string;
  error: string | undefined;
  onChange: (key: string) => void;
}

function KeyField({ subject, value, error, onChange }: KeyFieldProps) {
  return (
    <div className="flex flex-col gap-1">
      <TextField
        label={tv(subject.needsKey ? "provider.key" : "provider.keyOptional")}
        help={tv(subject.hasKey ? "provider.keyKept" : "provider.keyStored")}
        type="password"
        autoComplete="off"
        value={value}
        error={error}
        className="font-mono"
        onChange={(event) => onChange(event.target.value)}
      />
      {subject.keyUrl !== "" && (
        <a
          href={subject.keyUrl}
          target="_blank"
          rel="noopener noreferrer"
          className="inline-flex w-fit items-center gap-1 text-12 text-accent underline underline-offset-2"
        >
          {tv("provider.keyWhere")}
          <Icon of={ExternalLink} className="size-3" />
        </a>
      )}
    </div>
  );
}
