import { useQuery } from "@tanstack/react-query";
import { ApiError, problemFromAnswer, toProblem } from "@/api/problem";
import { formatBytes } from "@/i18n/units";
import { ProblemView } from "@/ui/problem-view";
import { hexLines } from "./hex";
import { useFiles } from "./use-files";
import { tf } from "./words";

/** Bytes that are shown of a file that is no text. */
const SHOWN = 65_536;

/** What is no text, byte by byte. */
export function HexView({ path }: { path: string }) {
  const files = useFiles();
  const { data, error } = useQuery({
    queryKey: ["workspace", "bytes", path, files.workspace],
    queryFn: () => firstBytes(files.fileAddress(path)),
    retry: false,
  });
  if (error) {
    return (
      <div className="p-3">
        <ProblemView problem={toProblem(error)} />
      </div>
    );
  }
  if (!data) return <p className="p-3 text-text-3">{tf("loading")}</p>;
  return (
    <>
      <p className="bg-sunken px-3 py-1 text-12 text-text-2">
        {tf(data.whole ? "hexWhole" : "hexPart", { size: formatBytes(data.bytes.length) })}
      </p>
      <pre
        data-testid="hex"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="min-h-0 flex-1 overflow-auto px-3 py-1 font-mono text-12 -outline-offset-2"
      >
        {hexLines(data.bytes)}
      </pre>
    </>
  );
}

/** The beginning of a file, and whether that is all of it. */
async function firstBytes(address: string): Promise<{ bytes: Uint8Array; whole: boolean }> {
  const stop = new AbortController();
  const answer = await fetch(address, { credentials: "same-origin", signal: stop.signal });
  if (!answer.ok) throw new ApiError(problemFromAnswer(answer.status, await answer.json().catch(() => null)));
  const reader = answer.body?.getReader();
  const bytes = new Uint8Array(SHOWN);
  let length = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || !value) return { bytes: bytes.slice(0, length), whole: true };
    const taken = value.subarray(0, SHOWN - length);
    bytes.set(taken, length);
    length += taken.length;
    if (taken.length < value.length) {
      // The rest is not wanted.
      stop.abort();
      return { bytes, whole: false };
    }
  }
}
