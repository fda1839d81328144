import { Suspense } from "react";
import { useConversation, useConversationStore } from "@/stream/react";
import { ApprovalCard } from "./lazy-card";

/** In a call's own card: the same as in the dock, as long as the call waits for the person. */
export function InlineApproval({ callId }: { callId: string }) {
  const { id } = useConversationStore();
  const approval = useConversation(({ state }) => state?.approvals.find((one) => one.call_id === callId));
  if (!approval) return null;
  return (
    <Suspense>
      <div
        data-testid="approval-inline"
        className="my-1 ml-6 rounded-card border border-waiting bg-surface p-3 max-md:ml-0"
      >
        <ApprovalCard conversationId={id} approval={approval} hasKeys={false} isInline />
      </div>
    </Suspense>
  );
}
