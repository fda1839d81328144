import { EllipsisVertical, Eye, EyeOff, Plus, RefreshCw } from "lucide-react";
import { ContextMenu, DropdownMenu } from "radix-ui";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useFoundFiles } from "@/api/found-files";
import { toProblem } from "@/api/problem";
import { useInstance } from "@/api/queries";
import { t } from "@/i18n";
import { download } from "@/platform/download";
import { Button, IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";
import { useWantedFile } from "@/ui/open-file";
import { ProblemView } from "@/ui/problem-view";
import { useStored } from "@/ui/use-stored";
import { CloneDialog, CloneList } from "./clones";
import { type EntryActions, EntryMenu } from "./entry-menu";
import { NameDialog } from "./name-dialog";
import { joined, nameOf, parentOf, waysTo } from "./paths";
import { Tree } from "./tree";
import { type Row, rowsOf } from "./tree-model";
import { UploadList } from "./upload-list";
import { useDirectories } from "./use-directories";
import { useFiles } from "./use-files";
import { useMarks } from "./use-marks";
import { useTrash } from "./use-trash";
import { useUploadSources } from "./use-upload-sources";
import { Viewer } from "./viewer";
import { tf } from "./words";

export interface FilesPaneProps {
  /** The open file and its line, as the address says. */
  file: string | null;
  line: number | null;
  /** Opens a file, or closes the open one. */
  onFile: (path: string | null) => void;
  /** How Markdown is shown. */
  markdown: (text: string) => ReactNode;
}

/** Most files that are listed of those that were looked for. */
const MOST_FOUND = 200;

/** Files of the sandbox's workspace: look, edit, upload, download. */
export default function FilesPane(props: FilesPaneProps) {
  const { workspace } = useFiles();
  const attached = useInstance().data?.sandbox.attached ?? true;
  if (!attached) {
    return (
      <p role="status" data-testid="panel-files" className="p-6 text-center text-text-2">
        {tf("detached")}
      </p>
    );
  }
  // What is open is so in one workspace.
  return <Files key={workspace} {...props} />;
}

/** A name that is being asked for. */
type Asking = { kind: "file" | "folder" | "rename"; path: string };

function Files({ file, line, onFile: setFile, markdown }: FilesPaneProps) {
  const files = useFiles();
  const [showIgnored, setShowIgnored] = useStored("slipway.filesIgnored");
  const ignored = showIgnored === "yes";
  // What leads to the file of the address is open.
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(file ? waysTo(file) : []));
  const [pages, setPages] = useState<ReadonlyMap<string, number>>(new Map());
  const [selected, setSelected] = useState<string | null>(file);
  const [wanted, setWanted] = useState("");
  const [dirty, setDirty] = useState(false);
  const [asking, setAsking] = useState<Asking | null>(null);
  const [cloning, setCloning] = useState(false);
  const { loaded, error, refresh } = useDirectories(open, ignored, pages);
  const marks = useMarks();
  const looks = wanted.trim() !== "";
  const found = useFoundFiles(files.workspace, wanted.trim(), MOST_FOUND, looks).data;
  const rows = useMemo(
    () =>
      looks
        ? (found?.paths ?? []).map((path): Row => ({ kind: "found", path, depth: 0 }))
        : rowsOf(loaded, open, marks),
    [looks, found, loaded, open, marks],
  );
  const row = rows.find((one) => one.path === selected);
  const entry = row?.kind === "entry" ? row.entry : null;
  const directory = !selected || !entry ? "" : entry.kind === "directory" ? selected : parentOf(selected);
  const sources = useUploadSources(files.workspace, directory);
  const remove = useTrash((path) => {
    if (file === path || file?.startsWith(`${path}/`)) setFile(null);
    setSelected(null);
  });

  const toggle = (path: string, wanted: boolean) => {
    const next = new Set(open);
    if (wanted) next.add(path);
    // What is in it is not listed any more either.
    else for (const one of open) if (one === path || one.startsWith(`${path}/`)) next.delete(one);
    setOpen(next);
  };
  const openFile = useCallback(
    (path: string) => {
      if (path !== file && dirty && !window.confirm(tf("leaveUnsaved"))) return;
      setFile(path);
    },
    [file, dirty, setFile],
  );
  useWantedFile((path) => {
    const above = path.split("/").slice(0, -1);
    setOpen(new Set([...open, ...above.map((_, depth) => above.slice(0, depth + 1).join("/"))]));
    setSelected(path);
    openFile(path);
  });
  const answer = async (path: string) => {
    if (asking?.kind === "folder") await files.createFolder(path);
    else if (asking?.kind === "rename") await files.renameEntry(asking.path, path);
    else await files.writeText(path, "", null);
    setSelected(path);
    if (asking?.kind === "file") setFile(path);
    if (asking?.kind === "rename" && file === asking.path) setFile(path);
    refresh();
  };
  const actions: EntryActions = {
    onNewFile: (path) => setAsking({ kind: "file", path: joined(path, "") }),
    onNewFolder: (path) => setAsking({ kind: "folder", path: joined(path, "") }),
    onRename: (path) => setAsking({ kind: "rename", path }),
    onUpload: sources.choose,
    onDelete: remove,
  };
  const left = loaded.get("")?.pages[0]?.ignored ?? 0;
  return (
    <section
      aria-label={tf("label")}
      data-testid="panel-files"
      className="relative flex h-full flex-col"
      {...sources.dropZone}
    >
      <div className="flex h-9 shrink-0 items-center gap-1 border-b border-line px-2">
        <AddMenu directory={directory} actions={actions} onClone={() => setCloning(true)} />
        <IconButton label={tf("refresh")} onClick={refresh}>
          <Icon of={RefreshCw} />
        </IconButton>
        <IconButton
          label={tf("showIgnored")}
          aria-pressed={ignored}
          onClick={() => setShowIgnored(ignored ? null : "yes")}
        >
          <Icon of={ignored ? Eye : EyeOff} />
        </IconButton>
        <input
          type="search"
          aria-label={tf("filter")}
          placeholder={tf("filter")}
          autoComplete="off"
          spellCheck={false}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
          onKeyDown={(event) => event.key === "Escape" && setWanted("")}
          className="h-7 min-w-0 flex-1 rounded-control border border-line-strong bg-surface px-2 text-13 placeholder:text-text-3 pointer-coarse:h-11 pointer-coarse:text-[16px]"
        />
        <span className="max-w-[40%] truncate text-12 text-text-3">
          {!ignored && !looks && left > 0 ? tf("ignored", { n: left }) : ""}
          {looks && found && found.more > 0 ? tf("foundMore", { n: found.more }) : ""}
        </span>
        {entry && selected && (
          <Menu
            trigger={
              <IconButton label={`${tf("actions")}: ${nameOf(selected)}`}>
                <Icon of={EllipsisVertical} />
              </IconButton>
            }
          >
            <EntryMenu entry={entry} path={selected} item={DropdownMenu.Item} {...actions} />
          </Menu>
        )}
      </div>
      {error && loaded.size === 0 ? (
        <div className="p-3">
          <ProblemView
            problem={toProblem(error)}
            actions={<Button onClick={refresh}>{t("action.retry")}</Button>}
          />
        </div>
      ) : rows.length === 0 ? (
        <Empty looks={looks} />
      ) : (
        <div className="flex min-h-0 flex-[2] flex-col">
          <Tree
            rows={rows}
            marks={marks}
            selected={selected}
            onSelect={setSelected}
            onToggle={toggle}
            onOpen={openFile}
            onMore={(path) => setPages(new Map(pages).set(path, (pages.get(path) ?? 1) + 1))}
            onDelete={remove}
            menu={(one, path) => <EntryMenu entry={one} path={path} item={ContextMenu.Item} {...actions} />}
          />
        </div>
      )}
      {file && (
        <Viewer
          key={`${file}:${line}`}
          path={file}
          line={line}
          markdown={markdown}
          onClose={() => setFile(null)}
          onDirty={setDirty}
        />
      )}
      <CloneList files={files} />
      <UploadList />
      {sources.elements}
      {cloning && <CloneDialog files={files} onClose={() => setCloning(false)} />}
      {asking && (
        <NameDialog
          title={tf(TITLES[asking.kind])}
          action={tf(asking.kind === "rename" ? "save" : "create")}
          path={asking.path}
          onDone={answer}
          onClose={() => setAsking(null)}
        />
      )}
    </section>
  );
}

const TITLES = { file: "nameTitleFile", folder: "nameTitleFolder", rename: "nameTitleRename" } as const;

interface AddMenuProps {
  directory: string;
  actions: EntryActions;
  onClone: () => void;
}

function AddMenu({ directory, actions, onClone }: AddMenuProps) {
  const files = useFiles();
  const upload = (kind: "files" | "folder" | "archive") => () => actions.onUpload(kind, directory);
  return (
    <Menu
      align="start"
      trigger={
        <IconButton label={tf("add")}>
          <Icon of={Plus} />
        </IconButton>
      }
    >
      <MenuItem onSelect={() => actions.onNewFile(directory)}>{tf("newFile")}</MenuItem>
      <MenuItem onSelect={() => actions.onNewFolder(directory)}>{tf("newFolder")}</MenuItem>
      <MenuSeparator />
      <MenuItem onSelect={upload("files")}>{tf("uploadFiles")}</MenuItem>
      <MenuItem onSelect={upload("folder")}>{tf("uploadFolder")}</MenuItem>
      <MenuItem note={tf("archiveHelp")} onSelect={upload("archive")}>
        {tf("uploadArchive")}
      </MenuItem>
      <MenuItem note={tf("cloneHelp")} onSelect={onClone}>
        {tf("clone")}
      </MenuItem>
      <MenuSeparator />
      <MenuItem note={tf("downloadZipHelp")} onSelect={() => download(files.zipAddress(""))}>
        {tf("downloadAll")}
      </MenuItem>
    </Menu>
  );
}

function Empty({ looks }: { looks: boolean }): ReactNode {
  if (looks) {
    return (
      <p role="status" className="flex-1 p-6 text-center text-text-2">
        {tf("foundNothing")}
      </p>
    );
  }
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-1 p-6 text-center text-text-2">
      <p>{tf("empty")}</p>
      <p className="text-12 text-text-3">{tf("emptyHelp")}</p>
    </div>
  );
}
