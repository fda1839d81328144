import { useMemo, useState } from "react";
import { filesOf } from "@/api/workspace";
import { Button } from "@/ui/button";
import { CloneDialog, CloneList } from "./clones";
import { UploadList } from "./upload-list";
import { useUploadSources } from "./use-upload-sources";
import { tf } from "./words";

/** Ways to bring a repository or files to a workspace, and how far that is. */
export function FillWorkspace({ workspace }: { workspace: string }) {
  const files = useMemo(() => filesOf(workspace), [workspace]);
  const sources = useUploadSources(workspace, "");
  const [cloning, setCloning] = useState(false);
  return (
    <div className="relative flex flex-col gap-2" {...sources.dropZone}>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setCloning(true)}>{tf("clone")}</Button>
        <Button onClick={() => sources.choose("files", "")}>{tf("uploadFiles")}</Button>
        <Button onClick={() => sources.choose("folder", "")}>{tf("uploadFolder")}</Button>
        <Button onClick={() => sources.choose("archive", "")}>{tf("uploadArchive")}</Button>
      </div>
      <CloneList files={files} />
      <UploadList />
      {sources.elements}
      {cloning && <CloneDialog files={files} onClose={() => setCloning(false)} />}
    </div>
  );
}
