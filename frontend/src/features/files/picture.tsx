import { toProblem } from "@/api/problem";
import { ProblemView } from "@/ui/problem-view";
import { nameOf } from "./paths";
import { useAddress, useBytes } from "./use-bytes";
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

/** A picture of the workspace. */
export function Picture({ path, type }: { path: string; type: string }) {
  const { data, error } = useBytes(path, type);
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
