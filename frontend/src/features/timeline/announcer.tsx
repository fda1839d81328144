import { useEffect, useState } from "react";
import { isActive } from "@/api/status";
import { t } from "@/i18n";
import { useConversation } from "@/stream/react";
import { alarm } from "@/ui/alarm";

/** Tells screen readers when work begins and ends; the text itself is theirs to read when they want. */
export function Announcer() {
  const status = useConversation(({ state }) => state?.conversation.status ?? "idle");
  const title = useConversation(({ state }) => state?.conversation.problem?.title ?? "");
  const [first] = useState(status);
  const [words, setWords] = useState("");
  useEffect(() => {
    if (status === first && words === "") return;
    if (status === "waiting_user") setWords(t("announce.asks"));
    else if (status === "waiting_approval") setWords(t("announce.approval"));
    else if (status === "paused") setWords(t("announce.paused"));
    else if (isActive(status)) setWords(t("announce.working"));
    else if (status === "done") setWords(t("announce.done"));
    else if (status === "error") alarm(t("announce.error", { title }));
    else if (status === "stopped") setWords(t("announce.stopped"));
  }, [status, title, first, words]);
  return (
    <p role="status" className="sr-only">
      {words}
    </p>
  );
}
