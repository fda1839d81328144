import { RotateCcw, X } from "lucide-react";
import { useStore } from "zustand";
import { Button, IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { clearUploads, retryUpload, stopUpload, type Upload, uploads } from "./uploads";
import { tf } from "./words";

/** How many lines are shown; failures first, what is done last. */
const SHOWN = 50;
const ORDER: Record<Upload["state"], number> = { failed: 0, sending: 1, waiting: 2, stopped: 3, done: 4 };

/** What is being uploaded, and what became of it. */
export function UploadList() {
  const items = useStore(uploads, (list) => list.items);
  if (items.length === 0) return null;
  const done = items.filter(({ state }) => state === "done").length;
  const over = items.every(({ state }) => state !== "sending" && state !== "waiting");
  const shown = [...items].sort((a, b) => ORDER[a.state] - ORDER[b.state]).slice(0, SHOWN);
  return (
    <section
      aria-label={tf("uploads")}
      data-testid="uploads"
      className="flex max-h-[40%] shrink-0 flex-col border-t border-line"
    >
      <div className="flex items-center gap-2 px-3 py-1 text-12 text-text-2">
        <span role="status" className="flex-1">
          {tf("uploadSummary", { done, total: items.length })}
        </span>
        {over && (
          <Button kind="quiet" onClick={clearUploads}>
            {tf("uploadClear")}
          </Button>
        )}
      </div>
      <ul className="min-h-0 overflow-y-auto pb-1">
        {shown.map((item) => (
          <UploadRow key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}

function UploadRow({ item }: { item: Upload }) {
  const { id, path, file, state, problem } = item;
  const name = item.archive ? file.name : path;
  const isOpen = state === "sending" || state === "waiting";
  return (
    <li data-state={state} className="flex flex-col gap-0.5 px-3 py-1 text-12">
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate" title={name}>
          {name}
        </span>
        <span className={state === "failed" ? "text-error" : "text-text-3"}>{stateText(item)}</span>
        {isOpen && (
          <IconButton label={tf("uploadStop")} onClick={() => stopUpload(id)}>
            <Icon of={X} />
          </IconButton>
        )}
        {state === "stopped" && (
          <IconButton label={tf("uploadRetry")} onClick={() => retryUpload(id, item.replace)}>
            <Icon of={RotateCcw} />
          </IconButton>
        )}
      </div>
      {state === "sending" && (
        <progress className="h-1 w-full" aria-label={name} max={Math.max(1, file.size)} value={item.sent} />
      )}
      {problem && (
        <div role="alert" className="flex flex-wrap items-center gap-2 text-text-2">
          <span className="min-w-0 break-words">
            {problem.detail || problem.title}
            {problem.hint ? `. ${problem.hint}` : ""}
          </span>
          <Button kind="quiet" onClick={() => retryUpload(id, problem.code === "already_exists")}>
            {tf(problem.code === "already_exists" ? "uploadReplace" : "uploadRetry")}
          </Button>
        </div>
      )}
    </li>
  );
}

function stateText({ state, sent, file, unpacked, problem }: Upload): string {
  if (state === "sending") return `${Math.floor((100 * sent) / Math.max(1, file.size))} %`;
  if (state === "failed") return problem?.title ?? "";
  if (state === "done") return unpacked === null ? tf("uploadDone") : tf("uploadUnpacked", { n: unpacked });
  return tf(state === "waiting" ? "uploadWaiting" : "uploadStopped");
}
