import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiError, problemFromAnswer, toProblem } from "@/api/problem";
import { ProblemView } from "@/ui/problem-view";
import { nameOf } from "./paths";
import { useFiles } from "./use-files";
import { tf } from "./words";

const TYPES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  bmp: "image/bmp",
  ico: "image/x-icon",
};

/** The type of a picture by its name. SVG is shown as the text that it is. */
export function pictureType(path: string): string | null {
  return TYPES[path.slice(path.lastIndexOf(".") + 1).toLowerCase()] ?? null;
}

/** A picture of the workspace. The gateway gives it as a download only, so it is shown from memory. */
export function Picture({ path, type }: { path: string; type: string }) {
  const files = useFiles();
  const { data, error } = useQuery({
    queryKey: ["workspace", "picture", path, files.workspace],
    queryFn: async () => {
      const answer = await fetch(files.fileAddress(path), { credentials: "same-origin" });
      if (!answer.ok)
        throw new ApiError(problemFromAnswer(answer.status, await answer.json().catch(() => null)));
      return new Blob([await answer.arrayBuffer()], { type });
    },
    retry: false,
  });
  const address = useAddress(data);
  if (error) {
    return (
      <div className="p-3">
        <ProblemView problem={toProblem(error)} />
      </div>
    );
  }
  return (
    <div className="flex min-h-0 flex-1 items-center justify-center overflow-auto bg-sunken p-3">
      {address && (
        <img
          src={address}
          alt={tf("imageAlt", { name: nameOf(path) })}
          className="max-h-full max-w-full object-contain"
        />
      )}
    </div>
  );
}

function useAddress(blob: Blob | undefined): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) return;
    const made = URL.createObjectURL(blob);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return address;
}
