import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { getSubagentSettings, saveSubagentSettings } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { SubagentChoices, SubagentSettingsReport } from "@/api/types";
import { t } from "@/i18n";
import { LimitField } from "@/ui/limit-field";
import { ProblemView } from "@/ui/problem-view";
import { SaveRow } from "@/ui/save-row";
import { SourceNote } from "@/ui/source-note";

const QUERY = ["subagent-settings"];
const FIELDS = ["max_at_once", "max_steps", "max_tokens", "max_minutes", "max_report_chars"] as const;

/** What sub-agents may consume. What is left open is left to the environment and the defaults. */
export function SubagentsForm() {
  const { data, error } = useQuery({ queryKey: QUERY, queryFn: getSubagentSettings });
  if (error) return <ProblemView problem={toProblem(error)} />;
  return data ? <Form report={data} /> : null;
}

function Form({ report }: { report: SubagentSettingsReport }) {
  const client = useQueryClient();
  const [choices, setChoices] = useState<SubagentChoices>(report.saved);
  const [changed, setChanged] = useState(false);
  const save = useMutation({
    mutationFn: saveSubagentSettings,
    onSuccess: (saved) => {
      client.setQueryData(QUERY, saved);
      setChanged(false);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(choices);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <p className="text-12 text-text-3">{t("subagent.help")}</p>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(180px,1fr))] gap-3">
        {FIELDS.map((name) => (
          <div key={name}>
            <LimitField
              label={t(`subagent.${name}`)}
              value={choices[name]}
              fallback={report.limits[name]}
              onChange={(value) => {
                setChoices({ ...choices, [name]: value });
                setChanged(true);
              }}
            />
            <SourceNote source={report.sources[name]} />
          </div>
        ))}
      </div>
      {save.error && <ProblemView problem={toProblem(save.error)} />}
      <SaveRow changed={changed} saving={save.isPending} saved={save.isSuccess} />
    </form>
  );
}
