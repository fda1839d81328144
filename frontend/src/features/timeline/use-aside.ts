import { useState } from "react";
import { useAction } from "@/ui/actions/registry";

/** What stands over a corner of the timeline: one thing at a time. */
type Aside = "find" | "outline";

/** Opens and closes what stands over the timeline, from wherever that is asked for. */
export function useAside() {
  const [open, setOpen] = useState<Aside | null>(null);
  useAction("find.open", () => setOpen("find"));
  useAction("outline.open", () => setOpen((now) => (now === "outline" ? null : "outline")));
  return { open, close: () => setOpen(null) };
}
