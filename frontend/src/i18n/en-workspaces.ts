import { translator } from "./translator";

/** What the page says about workspaces. */
export const WORKSPACES = {
  title: "Workspaces",
  help: "A workspace is a directory in the sandbox with files and checkpoints of its own. A new conversation names one, and works there for good. The first one is shared by everybody who uses this instance.",
  isolation:
    "They keep work apart, not people: commands of one conversation could read the others' directories.",
  picker: "Workspace of the new conversation",
  ofConversation: "Workspace: {name}",
  first: "Default",
  create: "New workspace…",
  createTitle: "New workspace",
  name: "Name",
  make: "Create",
  rename: "Rename {name}",
  save: "Save",
  delete: "Delete {name}",
  deleteTitle: "Delete the workspace?",
  deleteHelp:
    "“{name}” goes to the trash with all its files, and comes back from there for a week. Its conversations stay, but nothing can be done in them meanwhile.",
  deleteConfirm: "Delete",
  deleted: "“{name}” is in the trash for a week",
  inTrash: "in the trash",
  restore: "Bring {name} back",
  unavailable: "This sandbox has no room for further workspaces. Make it anew to get it.",
} as const;

/** The sentence with this id. */
export const tw = translator("workspaces", WORKSPACES);
