import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { getSandboxSettings, saveSandboxSettings } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { SandboxChoices, SandboxSettingsReport } from "@/api/types";
import { tb } from "@/i18n/en-sandbox";
import { TextArea } from "@/ui/field";
import { LimitField } from "@/ui/limit-field";
import { ProblemView } from "@/ui/problem-view";
import { SaveRow } from "@/ui/save-row";
import { SourceNote } from "@/ui/source-note";

const QUERY = ["sandbox-settings"];
const NUMBERS = [
  "memory_mib",
  "cpu_percent",
  "processes",
  "workspace_mib",
  "command_seconds",
  "desktop_idle_minutes",
] as const;
/** How much of what tools give the model gets; the others say in their names what they mean. */
const BOUNDS = ["output_chars", "output_mib", "file_chars", "page_chars"] as const;

/** What the sandbox may use and do. What is left open is left to the environment and the defaults. */
export function SandboxSettingsForm() {
  const { data, error } = useQuery({ queryKey: QUERY, queryFn: getSandboxSettings });
  if (error) return <ProblemView problem={toProblem(error)} />;
  return data ? <Form report={data} /> : null;
}

function Form({ report }: { report: SandboxSettingsReport }) {
  const client = useQueryClient();
  const [choices, setChoices] = useState<SandboxChoices>(report.saved);
  const [changed, setChanged] = useState(false);
  const save = useMutation({
    mutationFn: saveSandboxSettings,
    onSuccess: (saved) => {
      client.setQueryData(QUERY, saved);
      setChanged(false);
    },
  });
  const choose = (change: Partial<SandboxChoices>) => {
    setChoices({ ...choices, ...change });
    setChanged(true);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(choices);
  };
  const note = (name: string) => (
    <SourceNote
      source={report.sources[name]}
      later={report.at_next_start.includes(name) ? tb("nextStart") : undefined}
    />
  );
  const { settings } = report;
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Choice
        label={tb("profile")}
        note={note("profile")}
        value={choices.profile ?? ""}
        inForce={tb(`profile.${settings.profile}`)}
        options={{
          installable: tb("profile.installable"),
          strict: tb("profile.strict"),
        }}
        onChange={(value) => choose({ profile: (value || null) as SandboxChoices["profile"] })}
      />
      <Choice
        label={tb("egress")}
        note={note("egress")}
        value={choices.egress ?? ""}
        inForce={tb(`egress.${settings.egress}`)}
        options={{
          public: tb("egress.public"),
          allowlist: tb("egress.allowlist"),
          none: tb("egress.none"),
          direct: tb("egress.direct"),
        }}
        onChange={(value) => choose({ egress: (value || null) as SandboxChoices["egress"] })}
      />
      {(choices.egress ?? settings.egress) === "allowlist" && (
        <TextArea
          label={tb("hosts")}
          help={tb("hostsHelp")}
          rows={4}
          placeholder={settings.egress_hosts.join("\n")}
          value={(choices.egress_hosts ?? []).join("\n")}
          onChange={({ target }) => choose({ egress_hosts: lines(target.value) })}
        />
      )}
      <Choice
        label={tb("packages")}
        note={note("system_packages")}
        value={choices.system_packages == null ? "" : choices.system_packages ? "allowed" : "off"}
        inForce={tb(settings.system_packages ? "packages.allowed" : "packages.off")}
        options={{ allowed: tb("packages.allowed"), off: tb("packages.off") }}
        onChange={(value) => choose({ system_packages: value === "" ? null : value === "allowed" })}
      />
      <div className="grid grid-cols-[repeat(auto-fill,minmax(180px,1fr))] gap-3">
        {NUMBERS.map((name) => (
          <div key={name}>
            <LimitField
              label={tb(`${name}`)}
              value={choices[name]}
              fallback={settings[name]}
              onChange={(value) => choose({ [name]: value })}
            />
            {note(name)}
          </div>
        ))}
      </div>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(280px,1fr))] gap-3">
        {BOUNDS.map((name) => (
          <div key={name}>
            <LimitField
              label={tb(`${name}`)}
              help={tb(`${name}.help`)}
              value={choices[name]}
              fallback={settings[name]}
              onChange={(value) => choose({ [name]: value })}
            />
            {note(name)}
          </div>
        ))}
      </div>
      <p className="text-12 text-text-3">{tb("nextStart")}</p>
      {save.error && <ProblemView problem={toProblem(save.error)} />}
      <SaveRow changed={changed} saving={save.isPending} saved={save.isSuccess} />
    </form>
  );
}

/** The lines of a text that hold something; none are no choice. */
function lines(text: string): string[] | null {
  const found = text.split(/[\s,]+/).filter((line) => line !== "");
  return found.length > 0 ? found : null;
}

interface ChoiceProps {
  label: string;
  note: ReactNode;
  value: string;
  /** What holds when nothing is chosen. */
  inForce: string;
  options: Readonly<Record<string, string>>;
  onChange: (value: string) => void;
}

function Choice({ label, note, value, inForce, options, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-12 font-medium text-text-2">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={({ target }) => onChange(target.value)}
        className="h-8 w-full rounded-control border border-line-strong bg-surface px-2 text-13 text-text pointer-coarse:h-11"
      >
        <option value="">{tb("unchosen", { value: inForce })}</option>
        {Object.entries(options).map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
      {note}
    </div>
  );
}
