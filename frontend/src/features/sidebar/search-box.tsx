import { Search, X } from "lucide-react";
import { t } from "@/i18n";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";

/** Where the person writes what is to be found; Escape empties it. */
export function SearchBox({ query, onChange }: { query: string; onChange: (query: string) => void }) {
  return (
    <search className="relative block px-2 pb-2">
      <Icon of={Search} className="pointer-events-none absolute top-2 left-4 text-text-3" />
      <input
        type="text"
        inputMode="search"
        aria-label={t("search.label")}
        placeholder={t("search.label")}
        data-testid="search-box"
        autoComplete="off"
        spellCheck={false}
        maxLength={500}
        value={query}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && !event.nativeEvent.isComposing && onChange("")}
        className="h-8 w-full rounded-control border border-line-strong bg-surface pr-8 pl-8 text-13 text-text placeholder:text-text-3 pointer-coarse:h-11 pointer-coarse:text-[16px]"
      />
      {query !== "" && (
        <span className="absolute top-0.5 right-2.5">
          <IconButton label={t("search.clear")} onClick={() => onChange("")}>
            <Icon of={X} />
          </IconButton>
        </span>
      )}
    </search>
  );
}
