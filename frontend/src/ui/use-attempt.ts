import { useCallback, useState } from "react";
import { toProblem } from "@/api/problem";
import { problemInWords } from "./problem-words";
import { showToast } from "./toast";

/** Work that may fail: `busy` while it goes on, and a message at the edge of the page that says why it failed. */
export function useAttempt() {
  const [running, setRunning] = useState(0);
  const attempt = useCallback(async (work: () => Promise<unknown>): Promise<void> => {
    setRunning((count) => count + 1);
    try {
      await work();
    } catch (error) {
      showToast({ level: "error", text: problemInWords(toProblem(error)) });
    } finally {
      setRunning((count) => count - 1);
    }
  }, []);
  return { busy: running > 0, attempt };
}
