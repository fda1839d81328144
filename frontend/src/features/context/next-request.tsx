import { Copy } from "lucide-react";
import { useState } from "react";
import { getContext } from "@/api/context";
import { toProblem } from "@/api/problem";
import type { PreviewMessage, RequestPreview } from "@/api/types";
import { t } from "@/i18n";
import { tx } from "@/i18n/en-context";
import { formatNumber } from "@/i18n/numbers";
import { copyText } from "@/platform/clipboard";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { showToast } from "@/ui/toast";
import { roleOf, textOf } from "./message-text";

/** Messages that are in the page at once; more come when they are asked for. */
const PAGE = 60;

/** Every message of the request; parts that are not there yet are fetched when they are wanted. */
export function NextRequest({ id, preview }: { id: string; preview: RequestPreview }) {
  const [rest, setRest] = useState<{ of: string; messages: PreviewMessage[] }>({ of: "", messages: [] });
  const [wanted, setWanted] = useState("");
  const [most, setMost] = useState(PAGE);
  const whole = preview.next == null || rest.of === preview.fingerprint;
  const messages =
    rest.of === preview.fingerprint ? [...preview.messages, ...rest.messages] : preview.messages;
  const numbered = messages.map((message, number) => ({ message, number, text: textOf(message) }));
  const words = wanted.trim().toLowerCase();
  const found = words === "" ? numbered : numbered.filter(({ text }) => text.toLowerCase().includes(words));

  /** All messages; throws when the request became another one meanwhile. */
  const all = async (): Promise<PreviewMessage[]> => {
    if (whole) return messages;
    const more: PreviewMessage[] = [];
    for (let next = preview.next; next != null; ) {
      const part = await getContext(id, next);
      if (part.fingerprint !== preview.fingerprint) throw new Error(tx("changed"));
      more.push(...part.messages);
      next = part.next;
    }
    setRest({ of: preview.fingerprint, messages: more });
    return [...preview.messages, ...more];
  };
  const fetchAll = () => all().catch(tellFailure);
  const copy = async () => {
    const everything = await all();
    const text = everything.map((message) => `## ${roleName(roleOf(message))}\n\n${textOf(message)}`);
    const copied = await copyText(text.join("\n\n"));
    showToast(
      copied
        ? { level: "info", text: t("action.copied") }
        : { level: "error", text: t("header.linkNotCopied") },
    );
  };
  return (
    <div className="flex flex-col gap-1.5" data-testid="context-preview">
      <div className="flex flex-wrap items-center gap-2">
        <input
          type="search"
          aria-label={tx("search")}
          placeholder={tx("search")}
          value={wanted}
          onFocus={() => void fetchAll()}
          onChange={(event) => setWanted(event.target.value)}
          className="min-w-0 flex-1 rounded-control border border-line-strong bg-surface px-2 text-13"
        />
        <Button kind="quiet" icon={<Icon of={Copy} />} onClick={() => void copy().catch(tellFailure)}>
          {tx("copyAll")}
        </Button>
      </div>
      <p aria-live="polite" className="text-12 text-text-3">
        {tx("found", { n: words === "" ? preview.total : found.length, total: preview.total })}
      </p>
      <ol className="flex flex-col">
        {found.slice(0, most).map(({ message, number, text }) => (
          <Message key={number} number={number} message={message} text={text} />
        ))}
      </ol>
      {(found.length > most || !whole) && (
        <Button
          kind="quiet"
          className="self-start"
          onClick={() => {
            setMost(most + PAGE);
            if (!whole) void fetchAll();
          }}
        >
          {tx("more")}
        </Button>
      )}
    </div>
  );
}

function Message({ number, message, text }: { number: number; message: PreviewMessage; text: string }) {
  const [open, setOpen] = useState(false);
  const role = roleOf(message);
  return (
    <li data-testid="context-message" data-role={role} className="border-t border-line py-1">
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="tap flex cursor-pointer items-center gap-2 text-12">
          <span className="w-6 shrink-0 text-right text-text-3">{number + 1}</span>
          <span className="shrink-0 font-medium">{roleName(role)}</span>
          <span className="min-w-0 flex-1 truncate text-text-3">{text.slice(0, 160)}</span>
          {message.result && (
            <span className="shrink-0 text-waiting">
              {tx(message.result.type === "collapsed" ? "short" : "missing")}
            </span>
          )}
          <span className="shrink-0 text-text-3">{formatNumber(message.tokens)}</span>
        </summary>
        {open && <pre className="overflow-x-auto py-1 text-12 break-words whitespace-pre-wrap">{text}</pre>}
      </details>
    </li>
  );
}

function roleName(role: string): string {
  return role === "system" || role === "user" || role === "assistant" || role === "tool"
    ? tx(`role.${role}`)
    : role;
}

function tellFailure(error: unknown): void {
  showToast({ level: "error", text: error instanceof Error ? error.message : toProblem(error).title });
}
