import { useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { toProblem } from "@/api/problem";
import type { CloneStatus } from "@/api/types";
import type { WorkspaceFiles } from "@/api/workspace";
import { t } from "@/i18n";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/field";
import { Icon } from "@/ui/icon";
import { tf } from "./words";

/** How often a clone that goes on is asked about. */
const INTERVAL_MS = 700;
const KEY = ["clones"];

/** Asks which repository to clone to a workspace, and begins. */
export function CloneDialog({ files, onClose }: { files: WorkspaceFiles; onClose: () => void }) {
  const client = useQueryClient();
  const [url, setUrl] = useState("");
  const [path, setPath] = useState("");
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await files.cloneRepository(url.trim(), path.trim() || null);
      void client.invalidateQueries({ queryKey: KEY });
      onClose();
    } catch (failure) {
      const { title, detail, hint } = toProblem(failure);
      setError([detail || title, hint].filter(Boolean).join(". "));
    }
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={tf("cloneTitle")}>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <TextField
          label={tf("cloneUrl")}
          help={tf("cloneUrlHelp")}
          placeholder="https://github.com/owner/name.git"
          value={url}
          error={error}
          onChange={(event) => setUrl(event.target.value)}
        />
        <TextField
          label={tf("clonePath")}
          help={tf("clonePathHelp")}
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" disabled={url.trim() === ""}>
            {tf("cloneStart")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Repositories that are being cloned to a workspace, and those that were a short while ago. */
export function CloneList({ files }: { files: WorkspaceFiles }) {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: [...KEY, files.workspace],
    queryFn: files.listClones,
    refetchInterval: (query) =>
      query.state.data?.some(({ state }) => state === "running") ? INTERVAL_MS : false,
  });
  const done = data?.filter(({ state }) => state === "done").length ?? 0;
  useEffect(() => {
    if (done > 0) void client.invalidateQueries({ queryKey: ["workspace", "entries"] });
  }, [client, done]);
  const end = async (id: string) => {
    await files.stopClone(id).catch(() => undefined);
    void client.invalidateQueries({ queryKey: KEY });
  };
  if (!data || data.length === 0) return null;
  return (
    <ul
      aria-label={tf("clones")}
      data-testid="clones"
      className="max-h-[30%] shrink-0 overflow-y-auto border-t border-line py-1"
    >
      {data.map((one) => (
        <CloneRow key={one.id} clone={one} onEnd={() => void end(one.id)} />
      ))}
    </ul>
  );
}

function CloneRow({ clone, onEnd }: { clone: CloneStatus; onEnd: () => void }) {
  const { state, url, path, phase, percent, problem } = clone;
  const running = state === "running";
  return (
    <li data-state={state} className="flex flex-col gap-0.5 px-3 py-1 text-12">
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate" title={url}>
          {url} → {path}
        </span>
        <span className={state === "failed" ? "text-error" : "text-text-3"}>
          {running ? `${phase} ${percent == null ? "" : `${percent} %`}` : tf(STATES[state])}
        </span>
        <IconButton label={tf(running ? "uploadStop" : "cloneForget")} onClick={onEnd}>
          <Icon of={X} />
        </IconButton>
      </div>
      {running && <progress className="h-1 w-full" aria-label={url} max={100} value={percent ?? undefined} />}
      {problem && (
        <p role="alert" className="break-words text-text-2">
          {[problem.detail || problem.title, problem.hint].filter(Boolean).join(". ")}
        </p>
      )}
    </li>
  );
}

const STATES = {
  running: "loading",
  done: "cloneDone",
  failed: "cloneFailed",
  cancelled: "uploadStopped",
} as const;
