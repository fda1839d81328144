import type { FileChange, Problem, Repository } from "@/api/types";
import { tc } from "@/i18n/en-changes";
import { Glyph } from "@/ui/glyph";
import { ProblemView } from "@/ui/problem-view";

interface GitNotesProps {
  repositories: readonly Repository[];
  problems: readonly Problem[];
  isCut: boolean;
  files: readonly FileChange[];
}

/** With what the files are compared, and what keeps the list from being whole. */
export function GitNotes({ repositories, problems, isCut, files }: GitNotesProps) {
  const conflicts = files.filter(({ conflict }) => conflict).length;
  return (
    <div className="flex flex-col gap-1 px-3 py-1.5 text-12 text-text-3 empty:hidden">
      {repositories.map((repository) => (
        <p key={repository.path} data-testid="repository">
          {inWords(repository)}
        </p>
      ))}
      {conflicts > 0 && (
        <p className="text-error">
          <Glyph of="triangle" /> {tc("conflict.files", { n: conflicts })}
        </p>
      )}
      {isCut && <p>{tc("cut")}</p>}
      {problems.map((problem) => (
        <ProblemView key={problem.title} problem={problem} />
      ))}
    </div>
  );
}

function inWords({ path, head, operation }: Repository): string {
  const branch =
    head.type === "branch"
      ? tc("head.branch", { name: head.name })
      : head.type === "detached"
        ? tc("head.detached", { commit: head.commit.slice(0, 10) })
        : tc("head.unknown");
  const words = path ? [path, branch] : [branch];
  if (operation) words.push(tc(`operation.${operation}`));
  return words.join(" · ");
}
