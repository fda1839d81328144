import { useState } from "react";
import { readStored, writeStored } from "@/platform/storage";

/** State that outlives the page. */
export function useStored(key: string): [string | null, (value: string | null) => void] {
  const [value, setValue] = useState(() => readStored(key));
  const store = (next: string | null) => {
    writeStored(key, next);
    setValue(next);
  };
  return [value, store];
}
