import { type FormEvent, useState } from "react";
import { useRetention, useSaveRetention } from "@/api/data";
import { toProblem } from "@/api/problem";
import type { RetentionChoices, RetentionReport } from "@/api/types";
import { td } from "@/i18n/en-data";
import { TextField } from "@/ui/field";
import { ProblemView } from "@/ui/problem-view";
import { SaveRow } from "@/ui/save-row";
import { SourceNote } from "@/ui/source-note";

const FIELDS = ["archived_days", "checkpoint_days", "replaced_days", "events"] as const;

/** How long things are kept. What is left open is left to the environment and the defaults. */
export function RetentionForm() {
  const { data, error } = useRetention();
  if (error) return <ProblemView problem={toProblem(error)} />;
  return data ? <Form report={data} /> : null;
}

function Form({ report }: { report: RetentionReport }) {
  const [choices, setChoices] = useState<RetentionChoices>(report.saved);
  const [changed, setChanged] = useState(false);
  const save = useSaveRetention();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(choices, { onSuccess: () => setChanged(false) });
  };
  const choose = (name: (typeof FIELDS)[number], text: string) => {
    setChoices({ ...choices, [name]: text === "" ? null : Math.round(Number(text)) });
    setChanged(true);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <p className="text-12 text-text-3">{td("retentionHelp")}</p>
      {FIELDS.map((name) => (
        <div key={name}>
          <TextField
            type="number"
            label={td(name)}
            help={name === "events" ? undefined : td("days")}
            min={name === "events" ? 1000 : 0}
            step={1}
            className="max-w-40"
            placeholder={String(report.retention[name])}
            value={choices[name] ?? ""}
            onChange={({ target }) => choose(name, target.value)}
          />
          <SourceNote source={report.sources[name]} />
        </div>
      ))}
      {save.error && <ProblemView problem={toProblem(save.error)} />}
      <SaveRow changed={changed} saving={save.isPending} saved={save.isSuccess} />
    </form>
  );
}
