import { tt } from "@/i18n/en-terminal";
import { useConversationStore } from "@/stream/react";
import { Count } from "@/ui/count";
import { useRunningProcesses } from "./queries";

/** How many of the agent's processes run in the background. */
export default function TerminalBadge() {
  const n = useRunningProcesses(useConversationStore().id);
  return <Count n={n} label={tt("runningCount", { n })} />;
}
