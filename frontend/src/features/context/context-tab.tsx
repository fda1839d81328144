import { Link } from "@tanstack/react-router";
import { useOwnAccount } from "@/api/account-queries";
import { useNextRequest } from "@/api/context";
import { toProblem } from "@/api/problem";
import { isActive } from "@/api/status";
import type { RequestPreview } from "@/api/types";
import { t } from "@/i18n";
import { tx } from "@/i18n/en-context";
import { formatNumber } from "@/i18n/numbers";
import { formatTokens } from "@/i18n/units";
import { useConversation } from "@/stream/react";
import { Button } from "@/ui/button";
import { ProblemView } from "@/ui/problem-view";
import { FileList } from "./file-list";
import { roleOf, textOf } from "./message-text";
import { NextRequest } from "./next-request";
import { Fold, Section } from "./section";

/** What the model is shown: files, shortened results, instructions, tools, and the next request as a whole. */
export default function ContextTab() {
  const id = useConversation(({ state }) => state?.conversation.id ?? "");
  const status = useConversation(({ state }) => state?.conversation.status ?? "idle");
  const stamp = useStamp();
  const { data, error, isFetching, refetch } = useNextRequest(id, stamp);
  const busy = isActive(status) && status !== "waiting_user";
  return (
    <section
      aria-label={t("panel.context")}
      aria-busy={isFetching}
      data-testid="panel-context"
      data-state={data ? (busy ? "running" : "ready") : error ? "error" : "loading"}
      className="h-full overflow-y-auto p-3"
    >
      {error && !isFetching && (
        <div className="pb-2">
          <ProblemView
            problem={toProblem(error)}
            actions={<Button onClick={() => void refetch()}>{t("action.retry")}</Button>}
          />
        </div>
      )}
      {data ? (
        <Told id={id} preview={data} busy={busy} onChanged={() => void refetch()} />
      ) : (
        !error && <p className="p-6 text-center text-text-2">{tx("loading")}</p>
      )}
    </section>
  );
}

/** Differs whenever the context can have changed: at the end of a step, of a run, and when files are opened, closed or pinned. */
function useStamp(): string {
  const files = useConversation(({ state }) =>
    (state?.contextFiles ?? []).map(({ path, version, pinned }) => `${path}@${version}${pinned}`).join("\n"),
  );
  const spent = useConversation(({ state }) => {
    const { input = 0, cached = 0, output = 0 } = state?.usage ?? {};
    return input + cached + output;
  });
  const status = useConversation(({ state }) => state?.conversation.status ?? "idle");
  const said = useConversation(({ state }) => state?.messages.at(-1)?.id ?? "");
  return [files, spent, status, said].join("\n");
}

interface ToldProps {
  id: string;
  preview: RequestPreview;
  busy: boolean;
  onChanged: () => void;
}

function Told({ id, preview, busy, onChanged }: ToldProps) {
  const { files, messages, tools } = preview;
  const looksOnly = useOwnAccount().data?.account.role === "viewer";
  const collapsed = messages.flatMap(({ result }) => (result?.type === "collapsed" ? [result] : []));
  const system = messages.find((message) => roleOf(message) === "system");
  return (
    <>
      <p className="text-12 text-text-2">
        {tx(preview.window == null ? "size" : "sizeOf", {
          tokens: formatNumber(preview.tokens),
          window: formatNumber(preview.window ?? 0),
          model: preview.model,
        })}
      </p>
      <p className="pb-2 text-12 text-text-3">{tx(busy ? "running" : "idle")}</p>
      {preview.summarises_first && <p className="pb-2 text-12 text-waiting">{tx("summarises")}</p>}
      <Section title={tx("files")} note={files.length > 0 && String(files.length)}>
        {files.length === 0 ? (
          <p className="text-12 text-text-3">{tx("noFiles")}</p>
        ) : (
          <FileList id={id} files={files} busy={busy} looksOnly={looksOnly} onChanged={onChanged} />
        )}
      </Section>
      <Section title={tx("collapsed")} note={collapsed.length > 0 && String(collapsed.length)}>
        {collapsed.length === 0 && <p className="text-12 text-text-3">{tx("noCollapsed")}</p>}
        {collapsed.map(({ call_id: call, name, saved }) => (
          <p key={call} className="text-12">
            <span className="font-mono">{name}</span>{" "}
            <span className="text-text-3">{tx("saved", { tokens: formatTokens(saved) })}</span>
          </p>
        ))}
      </Section>
      {system && (
        <Fold title={tx("instructions")} note={tx("tokens", { n: formatNumber(system.tokens) })}>
          <Link to="/settings" className="w-fit text-12 text-accent underline">
            {tx("change")}
          </Link>
          <pre className="text-12 break-words whitespace-pre-wrap">{textOf(system)}</pre>
        </Fold>
      )}
      <Fold
        title={tx("tools")}
        note={`${tools?.length ?? 0} · ${tx("tokens", { n: formatNumber(preview.tools_tokens) })}`}
      >
        {(tools ?? []).map(({ name, description }) => (
          <p key={name} className="text-12">
            <span className="font-mono">{name}</span> <span className="text-text-3">{description}</span>
          </p>
        ))}
      </Fold>
      <Fold title={tx("next")} note={String(preview.total)}>
        <NextRequest id={id} preview={preview} />
      </Fold>
    </>
  );
}
