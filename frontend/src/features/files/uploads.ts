import { createStore } from "zustand/vanilla";
import { problemFromAnswer } from "@/api/problem";
import type { Problem } from "@/api/types";
import { type ArchiveKind, filesOf } from "@/api/workspace";
import { formatBytes } from "@/i18n/units";
import { randomId } from "@/platform/random-id";
import { tf } from "./words";

/** Uploads at a time; more only share the same line. */
const AT_ONCE = 3;

/** A file on its way to the workspace. */
export interface Upload {
  id: string;
  workspace: string;
  /** Where it goes; of an archive, the directory that it is unpacked in. */
  path: string;
  file: File;
  archive: ArchiveKind | null;
  replace: boolean;
  state: "waiting" | "sending" | "done" | "failed" | "stopped";
  /** Bytes sent. */
  sent: number;
  problem: Problem | null;
  /** Files that came out of an archive. */
  unpacked: number | null;
}

export interface NewUpload {
  path: string;
  file: File;
  archive?: ArchiveKind;
}

interface UploadList {
  items: readonly Upload[];
}

export const uploads = createStore<UploadList>(() => ({ items: [] }));
const underWay = new Map<string, XMLHttpRequest>();
let room = Number.POSITIVE_INFINITY;

/** Begins to upload to a workspace; the list shows how far it is. */
export function startUploads(workspace: string, files: readonly NewUpload[], maxBytes: number): void {
  room = maxBytes;
  const items = files.map(
    ({ path, file, archive }): Upload => ({
      id: randomId(),
      workspace,
      path,
      file,
      archive: archive ?? null,
      replace: false,
      state: "waiting",
      sent: 0,
      problem: null,
      unpacked: null,
    }),
  );
  uploads.setState((list) => ({ items: [...list.items, ...items] }));
  pump();
}

/** Sends a file once more, over what is there if that is wanted. */
export function retryUpload(id: string, replace: boolean): void {
  change(id, { state: "waiting", replace, sent: 0, problem: null });
  pump();
}

/** Stops an upload; nothing of it stays. */
export function stopUpload(id: string): void {
  change(id, { state: "stopped" });
  underWay.get(id)?.abort();
  underWay.delete(id);
  pump();
}

/** Takes what is over out of the list. */
export function clearUploads(): void {
  uploads.setState(({ items }) => ({
    items: items.filter(({ state }) => state === "waiting" || state === "sending"),
  }));
}

function change(id: string, to: Partial<Upload>): void {
  uploads.setState(({ items }) => ({
    items: items.map((item) => (item.id === id ? { ...item, ...to } : item)),
  }));
}

function pump(): void {
  const { items } = uploads.getState();
  const waiting = items.filter((item) => item.state === "waiting");
  for (const item of waiting.slice(0, Math.max(0, AT_ONCE - underWay.size))) send(item);
}

function send(item: Upload): void {
  const { id, workspace, file, path, archive, replace } = item;
  if (file.size > room) {
    change(id, { state: "failed", problem: tooLarge() });
    pump();
    return;
  }
  // `fetch` cannot tell how much of a body was sent.
  const request = new XMLHttpRequest();
  underWay.set(id, request);
  change(id, { state: "sending" });
  const files = filesOf(workspace);
  const address = archive ? files.archiveAddress(path, archive, replace) : files.uploadAddress(path, replace);
  request.open("PUT", address);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.responseType = "json";
  request.upload.onprogress = ({ loaded }) => change(id, { sent: loaded });
  const end = (to: Partial<Upload>) => {
    if (underWay.get(id) !== request) return;
    underWay.delete(id);
    change(id, to);
    pump();
  };
  request.onload = () => {
    if (request.status === 200) {
      end({ state: "done", sent: file.size, unpacked: archive ? (request.response?.files ?? 0) : null });
    } else {
      end({ state: "failed", problem: problemFromAnswer(request.status, request.response) });
    }
  };
  request.onerror = () => end({ state: "failed", problem: lost() });
  request.send(file);
}

function tooLarge(): Problem {
  const hint = tf("uploadTooLargeHelp", { limit: formatBytes(room) });
  return { code: "upload_too_large", title: tf("uploadTooLarge"), hint, status: 413 };
}

function lost(): Problem {
  return { code: "unreachable", title: tf("uploadLost"), hint: tf("uploadLostHelp"), status: 0 };
}
