import { type ReactNode, useEffect, useState } from "react";
import { getNestedMessages } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { Message, Part, Problem, ToolPart } from "@/api/types";
import { t } from "@/i18n";
import { useConversation, useConversationStore } from "@/stream/react";
import { isRecord, readArguments, text } from "@/ui/call/arguments";
import { ProblemView } from "@/ui/problem-view";
import { Reasoning } from "../reasoning";
import { TextPart } from "../text-part";
import { consumedBy } from "./describe";
import { LongText } from "./long-text";
import { StopCall } from "./stop-call";
import { ToolCard } from "./tool-card";

/** A sub-agent's task, all that it does, and its report; a running one can be stopped. */
export function SubagentDetails({ tool }: { tool: ToolPart }) {
  const { messages, problem, loading } = useNested(tool);
  const parts = messages.flatMap((message) => message.parts);
  return (
    <div data-testid="subagent" className="flex flex-col gap-2">
      <Titled title={t("subagent.task")}>
        <LongText text={text(readArguments(tool.arguments), "task")} />
      </Titled>
      <Titled title={t("subagent.work")}>
        {problem && <ProblemView problem={problem} />}
        {parts.length === 0 && !problem && (
          <p className="text-12 text-text-3">{t(loading ? "subagent.loading" : "subagent.nothingYet")}</p>
        )}
        <div className="flex flex-col gap-1 border-l border-line pl-3">
          {parts.map((part) => (
            <NestedPart key={part.id} part={part} />
          ))}
        </div>
      </Titled>
      {tool.status === "running" && (
        <div>
          <StopCall callId={tool.call_id} label={t("subagent.stop")} kind="danger" />
        </div>
      )}
      {tool.result != null && (
        <Titled title={t("subagent.report")}>
          <LongText text={tool.result} />
        </Titled>
      )}
      {tool.result != null && isRecord(tool.data) && (
        <p data-testid="subagent-consumed" className="text-11 text-text-3">
          {t("subagent.counts", { consumed: consumedBy(tool.data) })}
        </p>
      )}
    </div>
  );
}

function Titled({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="min-w-0">
      <h4 className="pb-0.5 text-11 text-text-3">{title}</h4>
      {children}
    </section>
  );
}

function NestedPart({ part }: { part: Part }) {
  switch (part.body.type) {
    case "text":
      return <TextPart text={part.body.text} live={part.state === "streaming"} />;
    case "reasoning":
      return <Reasoning part={part} text={part.body.text} />;
    case "tool":
      return <ToolCard part={part} tool={part.body} />;
    default:
      return <p className="text-12 text-text-2">{part.body.text}</p>;
  }
}

interface Nested {
  messages: readonly Message[];
  problem: Problem | null;
  loading: boolean;
}

/** What the sub-agent of a call has said: as it streams, or fetched when it is of an earlier run. */
function useNested(tool: ToolPart): Nested {
  const { id } = useConversationStore();
  const known = useConversation(({ state }) => state?.nested ?? NONE);
  const live = known.filter((message) => message.call_id === tool.call_id);
  const [kept, setKept] = useState<readonly Message[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const ended = tool.status !== "running" && tool.status !== "proposed";
  const missing = ended && live.length === 0 && kept === null && problem === null;
  useEffect(() => {
    if (!missing) return;
    let current = true;
    getNestedMessages(id, tool.call_id).then(
      (messages) => current && setKept(messages),
      (error: unknown) => current && setProblem(toProblem(error)),
    );
    return () => {
      current = false;
    };
  }, [missing, id, tool.call_id]);
  return { messages: live.length > 0 ? live : (kept ?? NONE), problem, loading: missing };
}

const NONE: readonly Message[] = [];
