/** The directory that a path is in; empty for the workspace. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/** The last name of a path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** A path below a directory. */
export const joined = (directory: string, name: string): string =>
  directory === "" ? name : `${directory}/${name}`;

/** The directories on the way to a path, outermost first. */
export const waysTo = (path: string): string[] =>
  path
    .split("/")
    .slice(0, -1)
    .map((_, index, names) => names.slice(0, index + 1).join("/"));
