import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Approval } from "@/api/types";
import { DEFAULT_WORKSPACE } from "@/api/workspaces";
import { t } from "@/i18n";
import { formatClock } from "@/i18n/units";
import { useConversation } from "@/stream/react";
import { useAction, useKeys } from "@/ui/actions/registry";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { type Arguments, isRecord } from "@/ui/call/arguments";
import { CallChange } from "@/ui/call/call-change";
import { TextField } from "@/ui/field";
import { Glyph } from "@/ui/glyph";
import { KeyCaps } from "@/ui/key-caps";
import { ProblemView } from "@/ui/problem-view";
import { useNow } from "@/ui/use-now";
import { useDecision } from "./decisions";
import { contentOfCall, ruleInWords } from "./words";

/** So long nothing can be decided: whoever was pressing a key did not mean this. */
const INERT_MS = 500;

interface ApprovalCardProps {
  conversationId: string;
  approval: Approval;
  /** Whether the keys of the actions mean this one. */
  hasKeys: boolean;
  /** Whether it stands in the call's own card, whose line says what it is. */
  isInline?: boolean;
}

/** One call that waits: what it would do, who asks for it, and the buttons. It goes when it is decided. */
export function ApprovalCard({ conversationId, approval, hasKeys, isInline = false }: ApprovalCardProps) {
  const armed = useArmed(hasKeys);
  const { decide, deciding, problem } = useDecision(conversationId, approval.call_id);
  const [denying, setDenying] = useState(false);
  const [message, setMessage] = useState("");
  const words = useRef<HTMLInputElement>(null);
  const keys = useKeys();
  const ready = armed && !deciding;

  const approve = () => ready && decide("approve_once", "");
  const deny = () => ready && setDenying(true);
  useAction("approval.approve", hasKeys ? approve : null);
  useAction("approval.deny", hasKeys ? deny : null);
  // Only once the person has said that they deny it: what they typed elsewhere is not interrupted.
  useEffect(() => {
    if (denying) words.current?.focus();
  }, [denying]);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (ready) decide("deny", message);
  };

  const command = approval.command ?? null;
  return (
    <article data-testid="approval" data-armed={armed} className="flex min-w-0 flex-col gap-2">
      <header className="flex flex-wrap items-center gap-1.5">
        {!isInline && (
          <>
            <Glyph of="triangle" className="text-waiting" />
            <h3 className="font-medium break-words">
              {command === null ? t("approval.call", { tool: approval.tool }) : t("approval.command")}
            </h3>
          </>
        )}
        {(approval.risks ?? []).map((risk) => (
          <Badge key={risk}>{t(`approval.risk.${risk}`)}</Badge>
        ))}
        <Countdown until={approval.expires_at ?? null} />
      </header>
      <div data-testid="approval-what" className="min-w-0">
        <What approval={approval} />
      </div>
      <p className="text-12 text-text-2">
        {approval.directory && `${t("approval.in", { directory: approval.directory })} · `}
        {ruleInWords(approval.rule ?? null)}
      </p>
      {problem && <ProblemView problem={problem} />}
      {denying ? (
        <form onSubmit={send} className="flex flex-col gap-2">
          <TextField
            ref={words}
            label={t("approval.message")}
            help={t("approval.messageHelp")}
            value={message}
            disabled={deciding}
            onChange={(event) => setMessage(event.target.value)}
          />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" kind="danger" disabled={!ready}>
              {t("approval.deny")}
            </Button>
            <Button kind="quiet" disabled={deciding} onClick={() => setDenying(false)}>
              {t("approval.back")}
            </Button>
          </div>
        </form>
      ) : (
        <div className="flex flex-wrap gap-2">
          <Button kind="primary" disabled={!ready} onClick={approve}>
            {t("approval.once")}
            {hasKeys && <KeyCaps keys={keys("approval.approve")} />}
          </Button>
          <Button disabled={!ready} onClick={() => decide("approve_for_conversation", "")}>
            {command === null ? t("approval.tool", { tool: approval.tool }) : t("approval.same")}
          </Button>
          <Button kind="danger" disabled={!ready} onClick={deny}>
            {t("approval.denyMessage")}
            {hasKeys && <KeyCaps keys={keys("approval.deny")} />}
          </Button>
        </div>
      )}
    </article>
  );
}

/** What the call would do: the command, the change of a file, or what it is given. */
function What({ approval }: { approval: Approval }) {
  const workspace = useConversation(({ state }) => state?.conversation.workspace_id ?? DEFAULT_WORKSPACE);
  const given: Arguments = isRecord(approval.arguments) ? approval.arguments : NOTHING;
  const { path, body } = contentOfCall(approval);
  const asGiven = (
    <>
      {path && <p className="pb-1 font-mono text-12 break-all">{path}</p>}
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what does not fit is scrolled to with the keyboard
        tabIndex={0}
        className="max-h-48 overflow-auto rounded-control bg-sunken p-2 font-mono text-12 break-words whitespace-pre-wrap"
      >
        {approval.command ?? body}
      </pre>
    </>
  );
  return <CallChange tool={approval.tool} given={given} workspace={workspace} otherwise={asGiven} />;
}

const NOTHING: Arguments = {};

function Countdown({ until }: { until: number | null }) {
  const now = useNow(until !== null);
  if (until === null) return null;
  return (
    <span className="ml-auto text-12 text-waiting" data-testid="approval-limit">
      {t("approval.limit", { time: formatClock(until - now) })}
    </span>
  );
}

/** Whether it may be acted on: not at once when it appears, or when the keys have just come to mean it. */
function useArmed(hasKeys: boolean): boolean {
  const [armed, setArmed] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is disarmed anew when the keys come to mean it
  useEffect(() => {
    setArmed(false);
    const timer = setTimeout(() => setArmed(true), INERT_MS);
    return () => clearTimeout(timer);
  }, [hasKeys]);
  return armed;
}
