import { useState } from "react";
import { useFoundFiles } from "@/api/found-files";
import { useAction } from "@/ui/actions/registry";
import { FileLine } from "@/ui/file-line";
import { FindDialog } from "@/ui/find-dialog";
import { useFiles } from "./use-files";
import { tf } from "./words";

/** Most files that are offered. */
const MOST = 30;

interface QuickOpenProps {
  onOpen: (path: string) => void;
  onClose: () => void;
}

/** Opens a file of the workspace by a few letters of its path. */
export default function QuickOpen({ onOpen, onClose }: QuickOpenProps) {
  const [query, setQuery] = useState("");
  const { data, isFetching } = useFoundFiles(useFiles().workspace, query.trim(), MOST);
  const paths = data?.paths ?? [];
  const choose = (place: number) => {
    const path = paths[place];
    if (path === undefined) return;
    onClose();
    onOpen(path);
  };
  useAction("file.open", onClose);
  return (
    <FindDialog
      testId="quick-open"
      title={tf("open")}
      placeholder={tf("openHint")}
      query={query}
      onQuery={setQuery}
      found={paths.map((path) => ({ key: path, heading: null, title: path, line: <FileLine path={path} /> }))}
      nothing={tf(isFetching ? "loading" : "foundNothing")}
      onChoose={choose}
      onClose={onClose}
    />
  );
}
