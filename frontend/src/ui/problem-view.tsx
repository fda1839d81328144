import type { ReactNode } from "react";
import type { Problem } from "@/api/types";
import { t } from "@/i18n";
import { Glyph } from "./glyph";

interface ProblemViewProps {
  problem: Problem;
  /** What can be done next. */
  actions?: ReactNode;
  /** Whether the particulars show without being asked for. */
  detailed?: boolean;
}

/** One failure in plain words, its particulars on request, and what can be done about it. */
export function ProblemView({ problem, actions, detailed }: ProblemViewProps) {
  return (
    <div
      role="alert"
      className="flex max-w-[84ch] flex-col gap-1.5 rounded-card border border-error bg-surface px-3 py-2"
    >
      <p className="font-medium">
        <Glyph of="cross" className="mr-1.5 text-error" />
        {problem.title}
      </p>
      {problem.hint && <p className="text-text-2">{problem.hint}</p>}
      {actions && <div className="flex flex-wrap items-center gap-2 pt-0.5">{actions}</div>}
      <details open={detailed} className="text-12 text-text-2">
        <summary className="w-fit py-0.5 text-text-3 hover:text-text">{t("action.details")}</summary>
        {problem.detail && <p className="font-mono break-words whitespace-pre-wrap">{problem.detail}</p>}
        <p className="text-text-3">{t("problem.code", { code: problem.code, status: problem.status })}</p>
      </details>
    </div>
  );
}
