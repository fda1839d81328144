import { ArrowUp, ChevronDown, ListPlus, Paperclip } from "lucide-react";
import { type ReactNode, useRef } from "react";
import type { Attachment, SendMode } from "@/api/types";
import { type MessageId, t } from "@/i18n";
import { useAction } from "@/ui/actions/registry";
import { useTakesFiles } from "@/ui/attaching";
import { Button, IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { Menu, MenuItem } from "@/ui/menu";
import { AttachmentList } from "./attachment-list";
import { useAttachments } from "./attachments";
import { useDraft } from "./draft";
import { GrowingText } from "./growing-text";
import { StopButton } from "./stop-button";
import { useSuggestions } from "./use-suggestions";

/** Where the conversation's run stands, as far as the composer cares. */
export type ComposerRun = "idle" | "running" | "waiting" | "paused" | "stopping";

const PLACEHOLDERS: Record<ComposerRun, MessageId> = {
  idle: "composer.placeholder",
  running: "composer.placeholderRunning",
  waiting: "composer.placeholderWaiting",
  paused: "composer.placeholderPaused",
  stopping: "composer.placeholderRunning",
};

interface ComposerProps {
  /** Whose draft this is. */
  scope: string;
  /** Where attached files go. */
  workspace: string;
  run: ComposerRun;
  /** Takes what was written; `restore` puts it back when it could not be taken after all. */
  onSend: (text: string, mode: SendMode, restore: () => void, attachments: Attachment[]) => void;
  onStop?: () => void;
  /** The arrow up in an empty field. */
  onUp?: () => void;
  /** What stands above the text: queued messages. */
  above?: ReactNode;
  /** What stands under it: hints. */
  below?: ReactNode;
  /** What had the focus when the person came here, and gives it to the text. */
  focusFrom?: Element;
}

/** Where the person says what to do. */
export function Composer({
  scope,
  workspace,
  run,
  onSend,
  onStop,
  onUp,
  above,
  below,
  focusFrom,
}: ComposerProps) {
  const [draft, setDraft] = useDraft(scope);
  const attachments = useAttachments(workspace);
  useTakesFiles(attachments.add);
  const field = useRef<HTMLInputElement>(null);
  const suggestions = useSuggestions(workspace, draft, setDraft);
  useAction("composer.focus", () => suggestions.field.area.current?.focus());
  // What is attached must have arrived, or the message would name what is not there.
  const blank = draft.trim() === "" || attachments.busy;
  const send = (mode: SendMode) => {
    if (blank) return;
    setDraft("");
    onSend(draft.trim(), mode, () => setDraft(draft), attachments.take());
  };
  return (
    <div
      data-testid="composer"
      className="mx-auto w-full max-w-[1100px] px-4 pb-[max(12px,env(safe-area-inset-bottom))] md:px-6"
    >
      {above}
      {suggestions.list}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button does the same as dropping */}
      <div
        onDragOver={(event) => event.dataTransfer.types.includes("Files") && event.preventDefault()}
        onDrop={(event) => {
          if (event.dataTransfer.files.length === 0) return;
          event.preventDefault();
          attachments.add(event.dataTransfer.files);
        }}
        onPaste={(event) => {
          if (event.clipboardData.files.length === 0) return;
          event.preventDefault();
          attachments.add(event.clipboardData.files);
        }}
        className="rounded-card border border-line-strong bg-surface focus-within:border-accent"
      >
        <AttachmentList items={attachments.items} onRemove={attachments.remove} />
        <GrowingText
          value={draft}
          label={t("composer.label")}
          placeholder={t(PLACEHOLDERS[run])}
          focusFrom={focusFrom}
          onChange={setDraft}
          onSubmit={() => send("queue")}
          onUp={onUp}
          suggestions={suggestions.field}
        />
        <div className="flex items-center gap-2 px-2 pb-2">
          <IconButton label={t("composer.attach")} onClick={() => field.current?.click()}>
            <Icon of={Paperclip} />
          </IconButton>
          <input
            ref={field}
            type="file"
            multiple
            hidden
            data-testid="attach"
            onChange={({ currentTarget }) => {
              attachments.add(currentTarget.files ?? []);
              currentTarget.value = "";
            }}
          />
          <div className="min-w-0 flex-1 truncate px-1 text-12 text-text-3">{below}</div>
          {run !== "idle" && onStop && <StopButton stopping={run === "stopping"} onStop={onStop} />}
          {run === "idle" || run === "waiting" || run === "paused" ? (
            <Button
              data-testid="send"
              kind="primary"
              icon={<Icon of={ArrowUp} />}
              disabled={blank}
              onClick={() => send("queue")}
            >
              {t("composer.send")}
            </Button>
          ) : (
            <QueueButtons blank={blank} onSend={send} />
          )}
        </div>
      </div>
    </div>
  );
}

/** While a run goes on: queue, let the model hear it at its next step, or stop the run and send. */
function QueueButtons({ blank, onSend }: { blank: boolean; onSend: (mode: SendMode) => void }) {
  return (
    <div className="flex gap-px">
      <Button
        data-testid="send"
        kind="primary"
        icon={<Icon of={ListPlus} />}
        disabled={blank}
        title={t("composer.queueHelp")}
        onClick={() => onSend("queue")}
        className="rounded-r-none"
      >
        {t("composer.queue")}
      </Button>
      <Menu
        side="top"
        trigger={
          <Button
            kind="primary"
            aria-label={t("composer.modes")}
            disabled={blank}
            icon={<Icon of={ChevronDown} />}
            className="rounded-l-none px-1.5 pointer-coarse:min-w-11"
          />
        }
      >
        <MenuItem note={t("composer.queueHelp")} onSelect={() => onSend("queue")}>
          {t("composer.queue")}
        </MenuItem>
        <MenuItem note={t("composer.steerHelp")} onSelect={() => onSend("steer")}>
          {t("composer.steer")}
        </MenuItem>
        <MenuItem note={t("composer.interruptHelp")} onSelect={() => onSend("interrupt")}>
          {t("composer.interrupt")}
        </MenuItem>
      </Menu>
    </div>
  );
}
