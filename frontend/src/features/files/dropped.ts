import { joined } from "./paths";
import type { NewUpload } from "./uploads";

/** The files that were dropped, with those in dropped folders, as uploads to a directory. */
export async function droppedFiles(transfer: DataTransfer, directory: string): Promise<NewUpload[]> {
  // The entries must be taken before the first wait: the browser empties the list after the event.
  const entries = [...transfer.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry());
  const found: NewUpload[] = [];
  for (const entry of entries) if (entry) await collect(entry, directory, found);
  return found;
}

/** The files of a file field; those of a chosen folder keep their place in it. */
export function chosenFiles(list: FileList, directory: string): NewUpload[] {
  return [...list].map((file) => ({ path: joined(directory, file.webkitRelativePath || file.name), file }));
}

async function collect(entry: FileSystemEntry, directory: string, found: NewUpload[]): Promise<void> {
  const path = joined(directory, entry.name);
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    found.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  while (true) {
    // Browsers give a hundred at a time, and nothing at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    for (const one of some) await collect(one, path, found);
  }
}
