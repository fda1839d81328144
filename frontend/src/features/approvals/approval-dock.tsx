import { Suspense } from "react";
import type { Approval } from "@/api/types";
import { t } from "@/i18n";
import { useConversation, useConversationStore } from "@/stream/react";
import { ApprovalCard } from "./lazy-card";

/** The calls that wait for the person, above the composer. It takes no focus: the person may be typing. */
export function ApprovalDock() {
  const { id } = useConversationStore();
  const approvals = useConversation(({ state }) => state?.approvals ?? NONE);
  if (approvals.length === 0) return null;
  // Whole or not at all.
  return (
    <Suspense>
      <section
        aria-label={t("approval.title")}
        data-testid="approval-dock"
        className="mb-1.5 flex max-h-[50dvh] flex-col gap-3 overflow-y-auto rounded-card border border-waiting bg-surface p-3"
      >
        {approvals.length > 1 && (
          <p className="font-medium" data-testid="approval-count">
            {t("approval.count", { n: approvals.length })}
          </p>
        )}
        <ul className="flex flex-col gap-3">
          {approvals.map((approval, place) => (
            <li key={approval.call_id}>
              <ApprovalCard conversationId={id} approval={approval} hasKeys={place === 0} />
            </li>
          ))}
        </ul>
        <p className="text-12 text-text-3">{t("approval.help")}</p>
      </section>
    </Suspense>
  );
}

const NONE: readonly Approval[] = [];
