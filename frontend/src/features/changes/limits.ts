import type { FileChange } from "@/api/types";

/** Files with more changed lines are opened by the person. */
const LONG = 1_500;

/** What package managers write to say which versions they chose. */
const LOCKFILE =
  /(^|\/)([^/]+\.lock|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.sum|flake\.lock|Gemfile\.lock)$/;
/** What other programs write. */
const GENERATED =
  /(^|\/)([^/]+\.min\.(js|css|mjs)|[^/]+\.(js|css|mjs)\.map|[^/]+_pb2(_grpc)?\.pyi?|[^/]+\.pb\.(go|cc|h)|[^/]+\.(generated|gen)\.[^/.]+|dist\/.+|node_modules\/.+|vendor\/.+|target\/.+)$/;

/** Why a file is not shown until the person asks for it. */
export type Limit = "long" | "lockfile" | "generated";

/** What keeps a file closed at first; null for one that is shown. */
export function limitOf(file: FileChange): Limit | null {
  if (changedLines(file) > LONG) return "long";
  if (LOCKFILE.test(file.path)) return "lockfile";
  return GENERATED.test(file.path) ? "generated" : null;
}

/** How many lines were added and removed. */
export const changedLines = (file: FileChange): number => (file.additions ?? 0) + (file.deletions ?? 0);
