import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { decideApproval } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { ApprovalDecision, Problem } from "@/api/types";
import { randomId } from "@/platform/random-id";

/** How far the person's decision about a call is. */
interface Decision {
  deciding: boolean;
  problem: Problem | null;
  /** The sender's id of a decision: the same as long as the decision is, so that it counts once. */
  content: string;
  id: string;
}

const NONE: Decision = { deciding: false, problem: null, content: "", id: "" };

/** By call: every place that shows a call shows the same. */
const decisions = createStore<Readonly<Record<string, Decision>>>(() => ({}));

/** Deciding about a call, and how far that is, wherever on the page it was begun. */
export function useDecision(conversationId: string, callId: string) {
  const { deciding, problem } = useStore(decisions, (all) => all[callId] ?? NONE);
  const decide = (decision: ApprovalDecision, message: string) => {
    const content = `${decision} ${message}`;
    const last = decisions.getState()[callId] ?? NONE;
    if (last.deciding) return;
    const id = last.content === content ? last.id : randomId();
    decisions.setState({ [callId]: { deciding: true, problem: null, content, id } });
    // It stays as it is, without a way to decide twice, until the event takes it away.
    decideApproval(conversationId, callId, { client_id: id, decision, message }).catch((error: unknown) =>
      decisions.setState({ [callId]: { deciding: false, problem: toProblem(error), content, id } }),
    );
  };
  return { decide, deciding, problem };
}
