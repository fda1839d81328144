import { type ComponentProps, lazy, Suspense } from "react";
import type { BudgetDialog as Loaded } from "./budget-dialog";

const Lazy = lazy(() => import("./budget-dialog").then((file) => ({ default: file.BudgetDialog })));

/** The limits of a conversation, loaded when they are first asked for. */
export function BudgetDialog(props: ComponentProps<typeof Loaded>) {
  return (
    <Suspense>
      <Lazy {...props} />
    </Suspense>
  );
}
