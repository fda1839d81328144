import { useSettingList } from "@/api/data";
import { toProblem } from "@/api/problem";
import type { SettingEntry } from "@/api/types";
import { td } from "@/i18n/en-data";
import { ProblemView } from "@/ui/problem-view";
import { SourceNote } from "@/ui/source-note";

/** Every setting with what is in force, for whom it holds and where it comes from. */
export function SettingTable() {
  const { data, error } = useSettingList();
  if (error) return <ProblemView problem={toProblem(error)} />;
  return (
    <details>
      <summary className="cursor-pointer text-12 text-text-2">{td("allHelp")}</summary>
      <div className="overflow-x-auto pt-2">
        <table className="w-full text-12">
          <thead>
            <tr className="text-left text-text-3">
              {(["name", "value", "scope", "source"] as const).map((column) => (
                <th key={column} scope="col" className="py-1 pr-3 font-medium">
                  {td(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data?.items.map((entry) => (
              <Row key={entry.name} entry={entry} />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Row({ entry }: { entry: SettingEntry }) {
  const { name, value, scope, source, variable } = entry;
  return (
    <tr className="border-t border-line align-top">
      <th scope="row" className="py-1 pr-3 text-left font-mono font-normal" title={variable ?? undefined}>
        {name}
      </th>
      <td className="max-w-60 truncate py-1 pr-3 font-mono" title={inWords(value)}>
        {inWords(value)}
      </td>
      <td className="py-1 pr-3">{td(`scope.${scope}`)}</td>
      <td className="py-1">
        <SourceNote source={source} />
      </td>
    </tr>
  );
}

function inWords(value: unknown): string {
  if (value === null || value === undefined || value === "") return td("none");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
