import { tc } from "@/i18n/en-changes";
import { Count } from "@/ui/count";
import { useChanges } from "./use-changes";

/** How many files the last turn has changed. */
export default function ChangesBadge() {
  const n = useChanges("turn").changes?.total ?? 0;
  return <Count n={n} label={tc("files", { n })} />;
}
