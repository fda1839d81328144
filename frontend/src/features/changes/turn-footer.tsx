import { FileDiff } from "lucide-react";
import { isActive } from "@/api/status";
import { tc } from "@/i18n/en-changes";
import { useConversation } from "@/stream/react";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { useChanges } from "./use-changes";

/** How many files the last turn has changed; a click shows them. */
export default function TurnFooter({ onShow }: { onShow: () => void }) {
  const working = useConversation(({ state }) => isActive(state?.conversation.status ?? "idle"));
  const { changes } = useChanges("turn");
  if (working || !changes || changes.total === 0) return null;
  return (
    <div className="pb-4 md:pl-[52px]">
      <Button kind="quiet" icon={<Icon of={FileDiff} />} onClick={onShow} data-testid="turn-changes">
        {tc("files", { n: changes.total })}
      </Button>
    </div>
  );
}
