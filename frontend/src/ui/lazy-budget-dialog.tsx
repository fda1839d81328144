import { type ComponentProps, Suspense } from "react";
import type { BudgetDialog as Loaded } from "./budget-dialog";
import { lazyPart } from "./lazy-part";

const Lazy = lazyPart(() => import("./budget-dialog"), { name: "BudgetDialog", otherwise: "over" });

/** The limits of a conversation, loaded when they are first asked for. */
export function BudgetDialog(props: ComponentProps<typeof Loaded>) {
  return (
    <Suspense>
      <Lazy {...props} />
    </Suspense>
  );
}
