import type { ContextMenu, DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import type { WorkspaceEntry } from "@/api/types";
import { copyText } from "@/platform/clipboard";
import { download } from "@/platform/download";
import { useFiles } from "./use-files";
import { tf } from "./words";

/** What can be done from an entry's menu. */
export interface EntryActions {
  onNewFile: (directory: string) => void;
  onNewFolder: (directory: string) => void;
  onUpload: (kind: "files" | "folder" | "archive", directory: string) => void;
  onRename: (path: string) => void;
  onDelete: (path: string) => void;
}

type Item = typeof DropdownMenu.Item | typeof ContextMenu.Item;

interface EntryMenuProps extends EntryActions {
  entry: WorkspaceEntry;
  path: string;
  /** Which kind of menu it is in. */
  item: Item;
}

/** The items for one entry of the tree. */
export function EntryMenu({ entry, path, item, ...actions }: EntryMenuProps) {
  const files = useFiles();
  const isDirectory = entry.kind === "directory";
  return (
    <>
      {isDirectory && (
        <>
          <Line item={item} onSelect={() => actions.onNewFile(path)}>
            {tf("newFile")}
          </Line>
          <Line item={item} onSelect={() => actions.onNewFolder(path)}>
            {tf("newFolder")}
          </Line>
          <Line item={item} onSelect={() => actions.onUpload("files", path)}>
            {tf("uploadFiles")}
          </Line>
          <Line item={item} onSelect={() => actions.onUpload("folder", path)}>
            {tf("uploadFolder")}
          </Line>
        </>
      )}
      <Line
        item={item}
        onSelect={() => download(isDirectory ? files.zipAddress(path) : files.fileAddress(path))}
      >
        {tf(isDirectory ? "downloadZip" : "download")}
      </Line>
      <Line item={item} onSelect={() => void copyText(path)}>
        {tf("copyPath")}
      </Line>
      <Line item={item} onSelect={() => actions.onRename(path)}>
        {tf("rename")}
      </Line>
      <Line item={item} danger onSelect={() => actions.onDelete(path)}>
        {tf("delete")}
      </Line>
    </>
  );
}

interface LineProps {
  item: Item;
  danger?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

function Line({ item: Kind, danger, onSelect, children }: LineProps) {
  return (
    <Kind
      onSelect={onSelect}
      className={`tap flex items-center rounded-control px-2 py-1 text-13 outline-none data-[highlighted]:bg-hover ${danger ? "text-error" : "text-text"}`}
    >
      {children}
    </Kind>
  );
}
