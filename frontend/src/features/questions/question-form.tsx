import { type FormEvent, useRef, useState } from "react";
import { answerQuestion } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { Answer, Problem, Question } from "@/api/types";
import { t } from "@/i18n";
import { randomId } from "@/platform/random-id";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { ProblemView } from "@/ui/problem-view";

interface QuestionFormProps {
  conversationId: string;
  question: Question;
}

/** One question: its options, a line for one's own words, and the button. It goes when it is answered. */
export function QuestionForm({ conversationId, question }: QuestionFormProps) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [text, setText] = useState("");
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const key = useAnswerKey();
  const options = question.options ?? [];
  const several = question.choice === "several";
  const answer: Answer = { chosen: [...chosen], text: text.trim() };
  const blank = answer.chosen.length === 0 && answer.text === "";

  const choose = (label: string, on: boolean) => {
    const others = several ? chosen.filter((one) => one !== label) : [];
    setChosen(on ? [...others, label] : others);
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (blank || sending) return;
    setSending(true);
    setProblem(null);
    // It stays as it is, without a way to send twice, until the event takes the question away.
    answerQuestion(conversationId, question.call_id, { client_id: key(answer), answer }).catch(
      (error: unknown) => {
        setProblem(toProblem(error));
        setSending(false);
      },
    );
  };

  return (
    <form data-testid="question" onSubmit={send} className="flex flex-col gap-2">
      <fieldset disabled={sending} className="flex min-w-0 flex-col gap-1.5">
        <legend className="pb-1.5 font-medium break-words whitespace-pre-wrap">{question.question}</legend>
        {several && <p className="text-12 text-text-3">{t("question.several")}</p>}
        {options.map(({ label, description }) => (
          <label
            key={label}
            className="tap flex items-start gap-2 rounded-control px-1.5 py-1 hover:bg-hover"
          >
            <input
              type={several ? "checkbox" : "radio"}
              name={question.call_id}
              checked={chosen.includes(label)}
              onChange={(event) => choose(label, event.target.checked)}
              className="mt-0.5 size-4 shrink-0 accent-accent"
            />
            <span className="min-w-0 break-words">
              {label}
              {description && <span className="block text-12 text-text-2">{description}</span>}
            </span>
          </label>
        ))}
        <TextField
          label={t(options.length > 0 ? "question.ownWords" : "question.words")}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </fieldset>
      {problem && <ProblemView problem={problem} />}
      <div>
        <Button type="submit" kind="primary" data-testid="answer" disabled={blank || sending}>
          {t(sending ? "question.sending" : "question.answer")}
        </Button>
      </div>
    </form>
  );
}

/** The sender's id of an answer: the same as long as the answer is the same, so that it counts once. */
function useAnswerKey(): (answer: Answer) => string {
  const last = useRef({ content: "", id: "" });
  return (answer) => {
    const content = JSON.stringify(answer);
    if (last.current.content !== content) last.current = { content, id: randomId() };
    return last.current.id;
  };
}
