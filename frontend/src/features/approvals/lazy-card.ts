import { lazy } from "react";

/** Loads the card; ahead of the first call that waits, so that it is there at once. */
export const loadApprovalCard = () => import("./approval-card");

/** A call that waits for the person. Most conversations have none, so what shows it is loaded apart. */
export const LazyApprovalCard = lazy(async () => ({ default: (await loadApprovalCard()).ApprovalCard }));
