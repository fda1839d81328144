import { type FormEvent, useState } from "react";
import { toProblem } from "@/api/problem";
import { useSaveSearch } from "@/api/queries";
import type { SearchEngine, SearchSettings } from "@/api/types";
import { t } from "@/i18n";
import { tg } from "@/i18n/en-settings";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Glyph } from "@/ui/glyph";
import { ProblemView } from "@/ui/problem-view";

const ENGINES: readonly [SearchEngine, string][] = [
  ["google", "Google"],
  ["brave", "Brave"],
  ["tavily", "Tavily"],
  ["searxng", "SearXNG"],
];

/** Which engine searches the web. */
export function SearchForm({ search }: { search: SearchSettings }) {
  const [engine, setEngine] = useState<SearchEngine | "">(search.engine ?? "");
  const [cx, setCx] = useState(search.cx);
  const [url, setUrl] = useState(search.base_url);
  const [key, setKey] = useState("");
  const save = useSaveSearch();
  const hasKey = search.has_key && engine === search.engine && !search.from_environment;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = {
      engine: engine === "" ? null : engine,
      cx: engine === "google" ? cx : "",
      base_url: engine === "searxng" ? url : "",
      api_key: key === "" ? null : key,
    };
    save.mutate(body, { onSuccess: () => setKey("") });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <SelectField
        label={tg("settings.searchEngine")}
        help={search.from_environment ? tg("settings.searchFromEnvironment") : null}
        value={engine}
        onChange={(event) => setEngine(event.target.value as SearchEngine | "")}
      >
        <option value="">{tg("settings.searchNone")}</option>
        {ENGINES.map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      {engine === "google" && (
        <TextField
          label={tg("settings.searchCx")}
          value={cx}
          onChange={(event) => setCx(event.target.value)}
        />
      )}
      {engine === "searxng" && (
        <TextField
          label={tg("settings.searchUrl")}
          help={tg("settings.searchUrlHelp")}
          type="url"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
      )}
      {engine !== "" && engine !== "searxng" && (
        <TextField
          label={tg("settings.searchKey")}
          help={tg(hasKey ? "settings.searchKeyKept" : "settings.searchKeyHelp")}
          type="password"
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
      )}
      {save.error && <ProblemView problem={toProblem(save.error)} />}
      <div className="flex items-center gap-2">
        <Button kind="primary" type="submit" disabled={save.isPending}>
          {t("action.save")}
        </Button>
        {save.isSuccess && (
          <span role="status" className="text-12 text-ok">
            <Glyph of="check" /> {t("action.saved")}
          </span>
        )}
      </div>
    </form>
  );
}
