import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, X } from "lucide-react";
import { type ReactNode, Suspense, useEffect, useState } from "react";
import { toProblem } from "@/api/problem";
import type { FileText } from "@/api/types";
import { ConflictError } from "@/api/workspace";
import { download } from "@/platform/download";
import { Button, IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { lazyPart } from "@/ui/lazy-part";
import { ProblemView } from "@/ui/problem-view";
import { showToast } from "@/ui/toast";
import { ConflictDialog } from "./conflict-dialog";
import { HexView } from "./hex-view";
import { isPdf, Pdf } from "./pdf";
import { Picture, pictureType } from "./picture";
import { previewOf, TextViews } from "./text-views";
import { useFiles } from "./use-files";
import { tf } from "./words";

/** The editor is large and only wanted when a text is open. */
const CodeView = lazyPart(() => import("./code-view"));

/** Lines of a file that is too large to be shown whole. */
const WINDOW = 2_000;

interface ViewerProps {
  path: string;
  /** The line to show; null for the first. */
  line: number | null;
  /** How Markdown is shown. */
  markdown: (text: string) => ReactNode;
  onClose: () => void;
  /** Told whether something would be lost if the file were closed. */
  onDirty: (dirty: boolean) => void;
}

/** One file: a picture, text to read and edit, or the bytes of what is neither. */
export function Viewer(props: ViewerProps) {
  const { path, onClose } = props;
  const type = pictureType(path);
  if (type) {
    return (
      <Frame path={path} onClose={onClose}>
        <Picture path={path} type={type} />
      </Frame>
    );
  }
  if (isPdf(path)) {
    return (
      <Frame path={path} onClose={onClose}>
        <Pdf path={path} />
      </Frame>
    );
  }
  return <TextFile {...props} />;
}

interface FrameProps {
  path: string;
  onClose: () => void;
  actions?: ReactNode;
  children: ReactNode;
}

function Frame({ path, onClose, actions, children }: FrameProps) {
  const files = useFiles();
  return (
    <section
      aria-label={path}
      data-testid="file-view"
      className="flex min-h-0 flex-[3] flex-col border-t border-line"
    >
      <div className="flex h-9 shrink-0 items-center gap-2 border-b border-line px-3">
        <span className="min-w-0 flex-1 truncate font-mono text-12" title={path}>
          {path}
        </span>
        {actions}
        <IconButton label={tf("download")} onClick={() => download(files.fileAddress(path))}>
          <Icon of={Download} />
        </IconButton>
        <IconButton label={tf("closeFile")} onClick={onClose}>
          <Icon of={X} />
        </IconButton>
      </div>
      {children}
    </section>
  );
}

function TextFile({ path, line, markdown, onClose, onDirty }: ViewerProps) {
  const files = useFiles();
  const client = useQueryClient();
  const [from, setFrom] = useState(1);
  const queryKey = ["workspace", "text", path, from, files.workspace];
  const { data, error } = useQuery({
    queryKey,
    queryFn: () => files.readText(path, from === 1 ? undefined : from, from === 1 ? undefined : WINDOW),
    staleTime: 0,
    retry: false,
  });
  // What the person sees stays until they ask for what is new.
  const [shown, setShown] = useState<FileText | null>(null);
  /** Counts the texts that the editor was given; what is typed is no new one. */
  const [version, setVersion] = useState(0);
  const [draft, setDraft] = useState<string | null>(null);
  const [conflict, setConflict] = useState<{ current: FileText | null } | null>(null);
  const [saving, setSaving] = useState(false);
  const dirty = draft !== null && draft !== shown?.text;
  useEffect(() => {
    if (!data || draft !== null) return;
    if (data.hash === shown?.hash && data.first_line === shown.first_line) return;
    setShown(data);
    setVersion((count) => count + 1);
  }, [data, shown, draft]);
  useEffect(() => {
    onDirty(dirty);
    return () => onDirty(false);
  }, [dirty, onDirty]);

  const take = (file: FileText) => {
    client.setQueryData(queryKey, file);
    setShown(file);
    setVersion((count) => count + 1);
    setDraft(null);
    setConflict(null);
  };
  const save = async (hash: string | null) => {
    if (draft === null || !shown) return;
    setSaving(true);
    try {
      const saved = await files.writeText(path, draft, hash);
      const file = { ...shown, text: draft, hash: saved };
      client.setQueryData(queryKey, file);
      setShown(file);
      // What was typed meanwhile stays a draft.
      setDraft((current) => (current === draft ? null : current));
      setConflict(null);
      showToast({ level: "info", text: tf("saved") });
    } catch (failure) {
      if (failure instanceof ConflictError) setConflict({ current: failure.current });
      else showToast({ level: "error", text: `${tf("failed")}: ${toProblem(failure).title}` });
    } finally {
      setSaving(false);
    }
  };
  if (error && !shown) {
    const problem = toProblem(error);
    if (problem.code === "not_text") {
      return (
        <Frame path={path} onClose={onClose}>
          <HexView path={path} />
        </Frame>
      );
    }
    const actions = <Button onClick={() => download(files.fileAddress(path))}>{tf("download")}</Button>;
    return (
      <Frame path={path} onClose={onClose}>
        <div className="p-3">
          <ProblemView problem={problem} actions={problem.status === 404 ? undefined : actions} />
        </div>
      </Frame>
    );
  }
  const preview = shown?.complete ? previewOf(path) : null;
  const code = shown && (
    <Suspense fallback={<p className="p-3 text-text-3">{tf("loading")}</p>}>
      <CodeView
        key={version}
        path={path}
        // What was typed is still there when its tab is looked at again.
        text={draft ?? shown.text}
        firstLine={shown.first_line}
        line={line}
        readOnly={!shown.complete}
        label={path}
        onChange={setDraft}
        onSave={() => void save(shown.hash)}
      />
    </Suspense>
  );
  const isNewer = dirty && data !== undefined && shown !== null && data.hash !== shown.hash;
  return (
    <Frame
      path={path}
      onClose={onClose}
      actions={
        dirty && (
          <>
            <span className="text-12 text-waiting">{tf("unsaved")}</span>
            <Button kind="quiet" onClick={() => shown && take(data ?? shown)}>
              {tf("discard")}
            </Button>
            <Button
              kind="primary"
              data-testid="save-file"
              disabled={saving}
              onClick={() => void save(shown?.hash ?? null)}
            >
              {tf("save")}
            </Button>
          </>
        )
      }
    >
      {isNewer && (
        <div role="status" className="flex items-center gap-2 bg-sunken px-3 py-1 text-12">
          <span className="flex-1">{tf("changedOnDisk")}</span>
          <Button kind="quiet" onClick={() => take(data)}>
            {tf("reload")}
          </Button>
        </div>
      )}
      {shown && !shown.complete && <Windows file={shown} onMove={setFrom} />}
      {preview && shown ? (
        <TextViews
          path={path}
          preview={preview}
          text={draft ?? shown.text}
          atLine={line !== null}
          markdown={markdown}
        >
          {code}
        </TextViews>
      ) : (
        code
      )}
      {conflict && (
        <ConflictDialog
          path={path}
          current={conflict.current}
          onKeepMine={() => void save(conflict.current?.hash ?? null)}
          onTakeTheirs={() => conflict.current && take(conflict.current)}
          onClose={() => setConflict(null)}
        />
      )}
    </Frame>
  );
}

/** Which lines of a large file are shown, and the way to others. */
function Windows({ file, onMove }: { file: FileText; onMove: (from: number) => void }) {
  const lines = file.text.split("\n").length - 1;
  const to = Math.max(file.first_line, file.first_line + lines - 1);
  return (
    <div className="flex items-center gap-2 bg-sunken px-3 py-1 text-12 text-text-2">
      <span className="flex-1">{tf("window", { from: file.first_line, to, total: file.total_lines })}</span>
      <Button
        kind="quiet"
        disabled={file.first_line === 1}
        onClick={() => onMove(Math.max(1, file.first_line - WINDOW))}
      >
        {tf("previousWindow")}
      </Button>
      <Button kind="quiet" disabled={to >= file.total_lines} onClick={() => onMove(to + 1)}>
        {tf("nextWindow")}
      </Button>
    </div>
  );
}
