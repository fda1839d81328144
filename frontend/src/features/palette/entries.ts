import { useParams } from "@tanstack/react-router";
import { useFoundFiles } from "@/api/found-files";
import type { Conversation } from "@/api/types";
import { tk } from "@/i18n/en-actions";
import { useConversationList, useWorkspaceOf } from "@/stream/react";
import { type ActionId, definitionOf } from "@/ui/actions/definitions";
import { ranked } from "@/ui/actions/rank";
import { isAvailable, useAvailableActions } from "@/ui/actions/registry";
import { type SettingsSectionName, sectionTitle, useOwnSections } from "@/ui/settings-sections";

/** Something that the palette leads to. */
export type Entry =
  | { kind: "action"; id: ActionId }
  | { kind: "conversation"; conversation: Conversation }
  | { kind: "file"; path: string }
  | { kind: "section"; name: SettingsSectionName };

/** Most of a kind that are listed beside others; all actions while nothing is typed. */
const MOST = 10;

/** What fits what was typed, kind by kind. Files and settings only then: there are too many to look through. */
export function useEntries(query: string): Entry[] {
  const isAsked = query.trim() !== "";
  const available = useAvailableActions();
  const conversations = useConversationList((list) => list.items);
  const paths = useFilePaths(query.trim());
  const sections = useOwnSections();
  const actions = ranked(
    query,
    available.filter((id) => id !== "palette.open"),
    (id) => `${tk(id)} ${definitionOf(id).slash ?? ""}`,
  );
  const found = ranked(query, conversations, ({ title }) => title).slice(0, MOST);
  const names = isAsked ? ranked(query, sections, sectionTitle).slice(0, MOST) : [];
  return [
    ...(isAsked ? actions.slice(0, MOST) : actions).map((id): Entry => ({ kind: "action", id })),
    ...found.map((conversation): Entry => ({ kind: "conversation", conversation })),
    ...paths.map((path): Entry => ({ kind: "file", path })),
    ...names.map((name): Entry => ({ kind: "section", name })),
  ];
}

export function keyOf(entry: Entry): string {
  switch (entry.kind) {
    case "action":
      return entry.id;
    case "conversation":
      return entry.conversation.id;
    case "file":
      return `file:${entry.path}`;
    case "section":
      return `section:${entry.name}`;
  }
}

/** What stands above an entry: the name of its group where a new one begins. */
export function headingOf(entry: Entry, before: Entry | undefined, query: string): string | null {
  // What was found is in order of how well it fits, not of groups of actions.
  if (entry.kind !== "action" || query.trim() !== "")
    return before?.kind === entry.kind ? null : tk(`kind.${entry.kind}`);
  const { group } = definitionOf(entry.id);
  if (before?.kind === "action" && definitionOf(before.id).group === group) return null;
  return tk(`group.${group}`);
}

/** Files of the workspace of the conversation that is open, as the gateway finds them. */
function useFilePaths(query: string): readonly string[] {
  const workspace = useWorkspaceOf(useParams({ strict: false }).id);
  // Where files cannot be shown they are not offered.
  const isWanted = query !== "" && workspace !== null && isAvailable("panel.files");
  const { data } = useFoundFiles(workspace, query, MOST, isWanted);
  return isWanted ? (data?.paths ?? []) : [];
}
