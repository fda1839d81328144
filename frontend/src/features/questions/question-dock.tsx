import { Suspense } from "react";
import type { Question } from "@/api/types";
import { t } from "@/i18n";
import { useConversation, useConversationStore } from "@/stream/react";
import { lazyPart } from "@/ui/lazy-part";

/** Loaded ahead of the first question, so that it is there at once. */
export const QuestionForm = lazyPart(() => import("./question-form"), { name: "QuestionForm" });

/** What the run waits for, above the composer. It takes no focus: the person may be typing. */
export function QuestionDock() {
  const { id } = useConversationStore();
  const questions = useConversation(({ state }) => state?.questions ?? NONE);
  if (questions.length === 0) return null;
  // Whole or not at all.
  return (
    <Suspense>
      <section
        aria-label={t("question.title")}
        data-testid="question-dock"
        className="mb-1.5 flex max-h-[50dvh] flex-col gap-3 overflow-y-auto rounded-card border border-waiting bg-surface p-3"
      >
        {questions.map((question) => (
          <QuestionForm key={question.call_id} conversationId={id} question={question} />
        ))}
        <p className="text-12 text-text-3">{t("question.help")}</p>
      </section>
    </Suspense>
  );
}

const NONE: readonly Question[] = [];
