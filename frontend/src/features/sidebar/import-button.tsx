import { useNavigate } from "@tanstack/react-router";
import { FileUp } from "lucide-react";
import { useRef, useState } from "react";
import { importConversation } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { t } from "@/i18n";
import { useSession } from "@/stream/react";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { showToast } from "@/ui/toast";

/** Makes a conversation from a file that was exported as JSON, and opens it. */
export function ImportButton() {
  const session = useSession();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const read = async (file: File) => {
    setBusy(true);
    try {
      const conversation = await importConversation(await file.text());
      session.list.put(conversation);
      await navigate({ to: "/c/$id", params: { id: conversation.id } });
    } catch (error) {
      const { title, detail, hint } = toProblem(error);
      showToast({ level: "error", text: [title, detail, hint].filter(Boolean).join(" ") });
    } finally {
      setBusy(false);
      // The same file may be chosen again.
      if (input.current) input.current.value = "";
    }
  };
  return (
    <>
      <IconButton label={t("sidebar.import")} disabled={busy} onClick={() => input.current?.click()}>
        <Icon of={FileUp} />
      </IconButton>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        aria-label={t("sidebar.import")}
        data-testid="import-file"
        hidden
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) void read(file);
        }}
      />
    </>
  );
}
