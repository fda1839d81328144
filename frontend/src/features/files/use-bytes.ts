import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiError, problemFromAnswer } from "@/api/problem";
import { formatBytes } from "@/i18n/units";
import { useFiles } from "./use-files";
import { tf } from "./words";

/** Files above this many bytes are not taken into memory to be shown. */
const MOST_BYTES = 100_000_000;

/** A file of the workspace as a thing in memory of the given type: the gateway gives files as downloads only. */
export function useBytes(path: string, type: string) {
  const files = useFiles();
  return useQuery({
    queryKey: ["workspace", "bytes", path, type, files.workspace],
    queryFn: async () => {
      const answer = await fetch(files.fileAddress(path), { credentials: "same-origin" });
      if (!answer.ok)
        throw new ApiError(problemFromAnswer(answer.status, await answer.json().catch(() => null)));
      const size = Number(answer.headers.get("content-length"));
      if (size > MOST_BYTES) {
        void answer.body?.cancel();
        const title = tf("tooLargeToShow", { size: formatBytes(size) });
        throw new ApiError({ status: 413, code: "too_large_to_show", title });
      }
      return new Blob([await answer.arrayBuffer()], { type });
    },
    retry: false,
  });
}

/** An address of what is in memory, for as long as it is shown. */
export function useAddress(blob: Blob | undefined): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) return;
    const made = URL.createObjectURL(blob);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return address;
}
