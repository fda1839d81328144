import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { t } from "@/i18n";
import { useSession } from "@/stream/react";
import { showToast } from "@/ui/toast";

/** Tells of a conversation that had to wait and has begun by itself, and leads there. */
export function Begun() {
  const { beginnings } = useSession();
  const navigate = useNavigate();
  useEffect(
    () =>
      beginnings.view.subscribe(({ begun }, before) => {
        if (!begun || begun === before.begun) return;
        const go = () => void navigate({ to: "/c/$id", params: { id: begun.id } });
        showToast({
          level: "info",
          text: t("connection.begun"),
          action: { label: t("notify.open"), run: go },
        });
      }),
    [beginnings, navigate],
  );
  return null;
}
