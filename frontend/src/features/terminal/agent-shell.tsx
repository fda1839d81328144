import { useLayoutEffect, useRef } from "react";
import { t } from "@/i18n";
import { tt } from "@/i18n/en-terminal";
import { useConversation } from "@/stream/react";
import { AnsiText } from "@/ui/ansi/ansi-text";
import { type Command, commandsOf } from "./commands";

/** Commands that are shown; what was run before is in the conversation. */
const NEWEST = 60;
/** Distance from the end within which the pane follows what comes. */
const NEAR_END_PX = 24;
const NO_MESSAGES: never[] = [];

/** What the agent's shell was told and what it said, as in a terminal; only to be read. */
export function AgentShell() {
  const messages = useConversation(({ state }) => state?.messages ?? NO_MESSAGES);
  const commands = commandsOf(messages).slice(-NEWEST);
  const box = useRef<HTMLElement>(null);
  const follows = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when something has been printed
  useLayoutEffect(() => {
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [messages]);
  return (
    <section
      ref={box}
      aria-label={tt("agent")}
      data-testid="agent-shell"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard too
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
      }}
      className="h-full overflow-y-auto bg-sunken p-3 font-mono text-code break-words whitespace-pre-wrap focus-visible:-outline-offset-2"
    >
      {commands.length === 0 && <p className="font-sans text-12 text-text-3">{t("terminal.empty")}</p>}
      {commands.map((command) => (
        <CommandOutput key={command.id} command={command} />
      ))}
    </section>
  );
}

function CommandOutput({ command: { text, running, exitCode, output } }: { command: Command }) {
  return (
    <div data-testid="terminal-command" className="pb-2">
      <p className="text-text">
        <span className="text-text-3 select-none">$ </span>
        {text}
      </p>
      {output.head !== "" && <AnsiText text={output.head} />}
      {output.omitted_bytes > 0 && <p className="font-sans text-12 text-text-3">{t("terminal.omitted")}</p>}
      {output.tail !== "" && <AnsiText text={output.tail} />}
      {running && <p className="font-sans text-12 text-text-3">{t("tool.running")}</p>}
      {exitCode !== null && exitCode !== 0 && (
        <p className="font-sans text-12 font-medium text-error">{t("tool.exit", { code: exitCode })}</p>
      )}
    </div>
  );
}
