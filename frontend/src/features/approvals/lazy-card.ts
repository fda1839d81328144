import { lazyPart } from "@/ui/lazy-part";

/**
 * A call that waits for the person. Most conversations have none, so what shows it is loaded apart; but ahead of the first, so
 * that it is there at once.
 */
export const ApprovalCard = lazyPart(() => import("./approval-card"), { name: "ApprovalCard" });
