import { Suspense } from "react";
import { t } from "@/i18n";
import { lazyPart } from "../lazy-part";
import type { PlannedChangeProps } from "./planned-change";

const PlannedChange = lazyPart(() => import("./planned-change"));

/** Tools of which it can be told beforehand what they change. */
const TELLABLE = new Set(["write_file", "edit_file"]);

/** What a call that is not made yet would change, where that can be told; loaded when something is to be told. */
export function CallChange(props: PlannedChangeProps) {
  if (!TELLABLE.has(props.tool)) return props.otherwise;
  return (
    <Suspense fallback={<p className="text-12 text-text-3">{t("app.loading")}</p>}>
      <PlannedChange {...props} />
    </Suspense>
  );
}
