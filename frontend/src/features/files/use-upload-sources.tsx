import { useQueryClient } from "@tanstack/react-query";
import { type DragEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { useInstance } from "@/api/queries";
import { archiveKind } from "@/api/workspace";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { chosenFiles, droppedFiles } from "./dropped";
import { nameOf } from "./paths";
import { type NewUpload, startUploads, uploads } from "./uploads";
import { tf } from "./words";

type Source = "files" | "folder" | "archive";

interface UploadSources {
  /** Lets the person choose what to upload to a directory. */
  choose: (kind: Source, directory: string) => void;
  /** For the element that files can be dropped on. */
  dropZone: {
    onDragOver: (event: DragEvent) => void;
    onDragLeave: (event: DragEvent) => void;
    onDrop: (event: DragEvent) => void;
  };
  elements: ReactNode;
}

/** Choosing and dropping files to upload to a workspace; what is dropped goes to `directory`. */
export function useUploadSources(workspace: string, directory: string): UploadSources {
  const maxBytes = useInstance().data?.max_upload_bytes ?? Number.POSITIVE_INFINITY;
  const [over, setOver] = useState(false);
  const [question, setQuestion] = useState<{ upload: NewUpload; directory: string } | null>(null);
  const target = useRef("");
  const fields = { files: useRef<HTMLInputElement>(null), folder: useRef<HTMLInputElement>(null) };
  const archive = useRef<HTMLInputElement>(null);
  useRefreshWhenDone();

  const start = (found: NewUpload[], into: string) => {
    const [first] = found;
    if (found.length === 1 && first && archiveKind(first.file.name)) {
      setQuestion({ upload: first, directory: into });
    } else if (found.length > 0) startUploads(workspace, found, maxBytes);
  };
  const unpack = (upload: NewUpload, into: string) => {
    const kind = archiveKind(upload.file.name) ?? "zip";
    startUploads(workspace, [{ path: into, file: upload.file, archive: kind }], maxBytes);
  };
  const take = (list: FileList | null, kind: Source) => {
    const found = list ? chosenFiles(list, target.current) : [];
    if (kind === "archive") for (const one of found) unpack(one, target.current);
    else start(found, target.current);
  };
  const field = (kind: Source, ref: React.RefObject<HTMLInputElement | null>, more: object) => (
    <input
      ref={ref}
      type="file"
      hidden
      data-testid={`upload-${kind}`}
      onChange={({ currentTarget }) => {
        take(currentTarget.files, kind);
        currentTarget.value = "";
      }}
      {...more}
    />
  );
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  return {
    choose: (kind, into) => {
      target.current = into;
      (kind === "archive" ? archive : fields[kind]).current?.click();
    },
    dropZone: {
      onDragOver: (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: (event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      },
      onDrop: (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(false);
        void droppedFiles(event.dataTransfer, directory).then((found) => start(found, directory));
      },
    },
    elements: (
      <>
        {field("files", fields.files, { multiple: true })}
        {field("folder", fields.folder, { webkitdirectory: "" })}
        {field("archive", archive, { accept: ".zip,.tar,.tgz,.gz" })}
        {over && (
          <div className="pointer-events-none absolute inset-1 z-10 flex items-center justify-center rounded-card border-2 border-dashed border-accent bg-surface/90 p-4 text-center">
            {tf("drop", { folder: directory || tf("workspace") })}
          </div>
        )}
        {question && (
          <ArchiveQuestion
            name={nameOf(question.upload.path)}
            directory={question.directory}
            onUnpack={() => unpack(question.upload, question.directory)}
            onKeep={() => startUploads(workspace, [question.upload], maxBytes)}
            onClose={() => setQuestion(null)}
          />
        )}
      </>
    ),
  };
}

interface QuestionProps {
  name: string;
  directory: string;
  onUnpack: () => void;
  onKeep: () => void;
  onClose: () => void;
}

function ArchiveQuestion({ name, directory, onUnpack, onKeep, onClose }: QuestionProps) {
  const choose = (act: () => void) => () => {
    onClose();
    act();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={tf("archiveTitle")}
      description={tf("archiveQuestion", { name, folder: directory || tf("workspace") })}
    >
      <div className="flex justify-end gap-2">
        <Button onClick={choose(onKeep)}>{tf("archiveKeep")}</Button>
        <Button kind="primary" onClick={choose(onUnpack)}>
          {tf("archiveUnpack")}
        </Button>
      </div>
    </Dialog>
  );
}

/** Looks at the directories again when an upload has ended, in case that no notice comes. */
function useRefreshWhenDone(): void {
  const client = useQueryClient();
  const done = useStore(uploads, ({ items }) => items.filter(({ state }) => state === "done").length);
  useEffect(() => {
    if (done > 0) void client.invalidateQueries({ queryKey: ["workspace", "entries"] });
  }, [client, done]);
}
