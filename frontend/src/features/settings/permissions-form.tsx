import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { getPermissionSettings, savePermissionSettings } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { PermissionReport, PermissionRule } from "@/api/types";
import { t } from "@/i18n";
import { tg } from "@/i18n/en-settings";
import { Button, IconButton } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Icon } from "@/ui/icon";
import { LimitField } from "@/ui/limit-field";
import { ProblemView } from "@/ui/problem-view";
import { SaveRow } from "@/ui/save-row";
import { SourceNote } from "@/ui/source-note";

const QUERY = ["permission-settings"];
const ABOUT = ["command", "tool", "changes", "any"] as const;
const ACTIONS = ["ask", "deny", "allow"] as const;
const NEW_RULE: PermissionRule = { about: { type: "command", pattern: "" }, action: "ask" };

/** Which calls are made without asking: a list of rules, in their order. */
export function PermissionsForm() {
  const { data, error } = useQuery({ queryKey: QUERY, queryFn: getPermissionSettings });
  if (error) return <ProblemView problem={toProblem(error)} />;
  return data ? <Form report={data} /> : <p className="text-12 text-text-3">{t("app.loading")}</p>;
}

/** A rule with what tells it from others while they are moved. */
interface Row {
  key: number;
  rule: PermissionRule;
}

function Form({ report }: { report: PermissionReport }) {
  const client = useQueryClient();
  const [rows, setRows] = useState<readonly Row[]>(() => rowsOf(report.permissions.rules));
  const [minutes, setMinutes] = useState<number | null>(report.permissions.answer_minutes || null);
  const [changed, setChanged] = useState(false);
  const save = useMutation({
    mutationFn: savePermissionSettings,
    onSuccess: (saved) => {
      client.setQueryData(QUERY, saved);
      setChanged(false);
    },
  });
  const change = (next: readonly Row[]) => {
    setRows(next);
    setChanged(true);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ rules: rows.map(({ rule }) => rule), answer_minutes: minutes ?? 0 });
  };
  const swap = (first: number) => {
    const [one, other] = rows.slice(first, first + 2);
    if (one && other) change([...rows.slice(0, first), other, one, ...rows.slice(first + 2)]);
  };
  const now = JSON.stringify(rows.map(({ rule }) => rule));
  const preset = report.presets.find(({ rules }) => JSON.stringify(rules) === now)?.name ?? "own";
  return (
    <form onSubmit={submit} data-testid="permissions" className="flex flex-col gap-3">
      <p className="text-12 text-text-3">{tg("permission.help")}</p>
      <div>
        <SelectField
          label={tg("permission.preset")}
          value={preset}
          onChange={({ target }) => {
            const chosen = report.presets.find(({ name }) => name === target.value);
            if (chosen) change(rowsOf(chosen.rules));
          }}
        >
          {preset === "own" && <option value="own">{tg("permission.preset.own")}</option>}
          {report.presets.map(({ name }) => (
            <option key={name} value={name}>
              {tg(`permission.preset.${name}`)}
            </option>
          ))}
        </SelectField>
        <SourceNote source={report.sources.rules} />
      </div>
      {rows.length === 0 && <p className="text-text-2">{tg("permission.none")}</p>}
      <ol aria-label={tg("permission.rules")} className="flex flex-col gap-2">
        {rows.map(({ key, rule }, place) => (
          <li key={key}>
            <RuleRow
              number={place + 1}
              last={place + 1 === rows.length}
              rule={rule}
              onChange={(next) => change(rows.map((row) => (row.key === key ? { key, rule: next } : row)))}
              onUp={() => swap(place - 1)}
              onDown={() => swap(place)}
              onRemove={() => change(rows.filter((row) => row.key !== key))}
            />
          </li>
        ))}
      </ol>
      <div>
        <Button onClick={() => change([...rows, { key: nextKey(rows), rule: NEW_RULE }])}>
          {tg("permission.add")}
        </Button>
      </div>
      <div>
        <LimitField
          label={tg("permission.minutes")}
          help={tg("permission.minutesHelp")}
          value={minutes}
          onChange={(value) => {
            setMinutes(value);
            setChanged(true);
          }}
        />
        <SourceNote source={report.sources.answer_minutes} />
      </div>
      {save.error && <ProblemView problem={toProblem(save.error)} />}
      <SaveRow changed={changed} saving={save.isPending} saved={save.isSuccess} />
    </form>
  );
}

interface RuleRowProps {
  number: number;
  last: boolean;
  rule: PermissionRule;
  onChange: (rule: PermissionRule) => void;
  onUp: () => void;
  onDown: () => void;
  onRemove: () => void;
}

function RuleRow({ number, last, rule, onChange, onUp, onDown, onRemove }: RuleRowProps) {
  const { about, action } = rule;
  return (
    <fieldset
      aria-label={tg("permission.number", { n: number })}
      className="flex flex-wrap items-end gap-2 rounded-card border border-line p-2"
    >
      <SelectField
        label={tg("permission.about")}
        value={about.type}
        onChange={({ target }) => onChange({ ...rule, about: aboutOf(target.value) })}
      >
        {ABOUT.map((type) => (
          <option key={type} value={type}>
            {tg(`permission.about.${type}`)}
          </option>
        ))}
      </SelectField>
      {about.type === "command" && (
        <TextField
          label={tg("permission.pattern")}
          value={about.pattern}
          required
          className="font-mono"
          onChange={({ target }) => onChange({ ...rule, about: { ...about, pattern: target.value } })}
        />
      )}
      {about.type === "tool" && (
        <TextField
          label={tg("permission.name")}
          value={about.name}
          required
          className="font-mono"
          onChange={({ target }) => onChange({ ...rule, about: { ...about, name: target.value } })}
        />
      )}
      <SelectField
        label={tg("permission.action")}
        value={action}
        onChange={({ target }) =>
          onChange({ ...rule, action: ACTIONS.find((one) => one === target.value) ?? "ask" })
        }
      >
        {ACTIONS.map((one) => (
          <option key={one} value={one}>
            {tg(`permission.action.${one}`)}
          </option>
        ))}
      </SelectField>
      <span className="ml-auto flex gap-1">
        <IconButton label={tg("permission.up", { n: number })} disabled={number === 1} onClick={onUp}>
          <Icon of={ArrowUp} />
        </IconButton>
        <IconButton label={tg("permission.down", { n: number })} disabled={last} onClick={onDown}>
          <Icon of={ArrowDown} />
        </IconButton>
        <IconButton label={tg("permission.remove", { n: number })} onClick={onRemove}>
          <Icon of={Trash2} />
        </IconButton>
      </span>
    </fieldset>
  );
}

function aboutOf(type: string): PermissionRule["about"] {
  if (type === "command") return { type, pattern: "" };
  if (type === "tool") return { type, name: "" };
  return { type: type === "changes" ? "changes" : "any" };
}

function rowsOf(rules: readonly PermissionRule[]): readonly Row[] {
  return rules.map((rule, key) => ({ key, rule }));
}

function nextKey(rows: readonly Row[]): number {
  return Math.max(-1, ...rows.map(({ key }) => key)) + 1;
}
