import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { t } from "@/i18n";
import { copyText } from "@/platform/clipboard";
import { IconButton } from "./button";
import { Icon } from "./icon";

const SHOWN_MS = 1_500;

/** Copies `text` and says so for a moment. */
export function CopyButton({
  text,
  label,
  className,
}: {
  text: () => string;
  label?: string;
  className?: string;
}) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      label={copied ? t("action.copied") : (label ?? t("action.copy"))}
      className={className}
      onClick={() => void copyText(text()).then(setCopied)}
    >
      <Icon of={copied ? Check : Copy} />
    </IconButton>
  );
}
