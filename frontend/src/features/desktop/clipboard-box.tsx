import { Clipboard } from "lucide-react";
import { useEffect, useState } from "react";
import { t } from "@/i18n";
import { copyText } from "@/platform/clipboard";
import { Button, IconButton } from "@/ui/button";
import { TextArea } from "@/ui/field";
import { Icon } from "@/ui/icon";
import { Popover } from "@/ui/popover";

interface ClipboardBoxProps {
  /** What was copied on the desktop last. */
  copied: string;
  /** Whether text can be sent there. */
  canSend: boolean;
  onSend: (text: string) => void;
}

/** The desktop's clipboard, both ways; explicit, because browsers let no page read the person's by itself. */
export function ClipboardBox({ copied, canSend, onSend }: ClipboardBoxProps) {
  const [text, setText] = useState(copied);
  useEffect(() => setText(copied), [copied]);
  return (
    <Popover
      label={t("desktop.clipboard")}
      trigger={
        <IconButton label={t("desktop.clipboard")}>
          <Icon of={Clipboard} />
        </IconButton>
      }
    >
      <div className="flex flex-col gap-2">
        <TextArea
          label={t("desktop.clipboardLabel")}
          help={t("desktop.clipboardHelp")}
          rows={4}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={() => copyText(text)}>{t("desktop.clipboardCopy")}</Button>
          <Button kind="primary" disabled={!canSend} onClick={() => onSend(text)}>
            {t("desktop.clipboardSend")}
          </Button>
        </div>
      </div>
    </Popover>
  );
}
