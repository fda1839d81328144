import type { ChangeMarks, FileChangeKind } from "@/api/types";
import { nameOf, parentOf } from "./paths";

/** A name that was in a directory and is not any more. */
export interface Gone {
  name: string;
  directory: boolean;
}

/** What the agent has changed in the conversation, by path. */
export interface Marks {
  files: ReadonlyMap<string, FileChangeKind>;
  /** How many files changed in and below a directory. */
  below: ReadonlyMap<string, number>;
  /** What was deleted, by the directory that it was in. Whether a directory is really gone tells its listing. */
  gone: ReadonlyMap<string, readonly Gone[]>;
}

export const NO_MARKS: Marks = { files: new Map(), below: new Map(), gone: new Map() };

/** The marks as the tree asks for them. */
export function marksOf({ files, directories }: ChangeMarks): Marks {
  const gone = new Map<string, Map<string, Gone>>();
  for (const { path, kind } of files) {
    if (kind !== "deleted") continue;
    // The directories on the way may be gone with it.
    for (let at = path; at !== ""; at = parentOf(at)) {
      const place = parentOf(at);
      const names = gone.get(place) ?? new Map<string, Gone>();
      gone.set(place, names.set(nameOf(at), { name: nameOf(at), directory: at !== path }));
    }
  }
  return {
    files: new Map(files.map(({ path, kind }) => [path, kind])),
    below: new Map(directories.map(({ path, changes }) => [path, changes])),
    gone: new Map([...gone].map(([place, names]) => [place, [...names.values()]])),
  };
}

/** What may be gone from a directory. */
export const goneIn = (marks: Marks, directory: string): readonly Gone[] => marks.gone.get(directory) ?? [];
