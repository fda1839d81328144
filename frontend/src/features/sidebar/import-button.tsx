import { useNavigate } from "@tanstack/react-router";
import { FileUp } from "lucide-react";
import { useRef } from "react";
import { importConversation } from "@/api/endpoints";
import { t } from "@/i18n";
import { useSession } from "@/stream/react";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { useAttempt } from "@/ui/use-attempt";

/** Makes a conversation from a file that was exported as JSON, and opens it. */
export function ImportButton() {
  const session = useSession();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const { busy, attempt } = useAttempt();
  const read = (file: File) =>
    attempt(async () => {
      // The same file may be chosen again.
      if (input.current) input.current.value = "";
      const conversation = await importConversation(await file.text());
      session.list.put(conversation);
      await navigate({ to: "/c/$id", params: { id: conversation.id } });
    });
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
