import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useState } from "react";
import { t } from "@/i18n";
import { tk } from "@/i18n/en-actions";
import { runAction, useKeys } from "@/ui/actions/registry";
import { FileLine } from "@/ui/file-line";
import { FindDialog } from "@/ui/find-dialog";
import { KeyCaps } from "@/ui/key-caps";
import { openFile } from "@/ui/open-file";
import { sectionTitle } from "@/ui/settings-sections";
import { StatusGlyph } from "@/ui/status-glyph";
import { type Entry, headingOf, keyOf, useEntries } from "./entries";

/** Everything that can be done or opened, found by typing parts of its name. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const [query, setQuery] = useState("");
  const entries = useEntries(query);
  const go = useGo();
  const choose = (place: number) => {
    const entry = entries[place];
    if (!entry) return;
    onClose();
    go(entry);
  };
  const onKey = (event: KeyboardEvent) => {
    const isOwn = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    if (isOwn) onClose();
    return isOwn;
  };
  return (
    <FindDialog
      testId="palette"
      title={tk("palette.open")}
      placeholder={tk("find")}
      query={query}
      onQuery={setQuery}
      found={entries.map((entry, place) => ({
        key: keyOf(entry),
        heading: headingOf(entry, entries[place - 1], query),
        title: entry.kind === "file" ? entry.path : undefined,
        line: <EntryLine entry={entry} />,
      }))}
      nothing={tk("nothing", { query })}
      onChoose={choose}
      onClose={onClose}
      onKey={onKey}
    />
  );
}

/** Leads to an entry. */
function useGo(): (entry: Entry) => void {
  const navigate = useNavigate();
  return (entry) => {
    switch (entry.kind) {
      case "action":
        // Once the dialog has given the focus back, so that the action can take it.
        setTimeout(() => runAction(entry.id));
        break;
      case "conversation":
        void navigate({ to: "/c/$id", params: { id: entry.conversation.id } });
        break;
      case "file":
        openFile(entry.path);
        break;
      case "section":
        void navigate({ to: "/settings", hash: entry.name });
        break;
    }
  };
}

function EntryLine({ entry }: { entry: Entry }) {
  const keys = useKeys();
  switch (entry.kind) {
    case "action":
      return (
        <>
          <span className="min-w-0 flex-1 truncate">{tk(entry.id)}</span>
          <KeyCaps keys={keys(entry.id)} />
        </>
      );
    case "conversation":
      return (
        <>
          <StatusGlyph status={entry.conversation.status} />
          <span className="min-w-0 flex-1 truncate">{entry.conversation.title || t("sidebar.untitled")}</span>
        </>
      );
    case "file":
      return <FileLine path={entry.path} />;
    case "section":
      return <span className="min-w-0 flex-1 truncate">{sectionTitle(entry.name)}</span>;
  }
}
