import type { Message, OutputExcerpt, ToolPart } from "@/api/types";

/** A command of the agent, as a terminal shows it. */
export interface Command {
  id: string;
  text: string;
  running: boolean;
  /** Null while it runs, and for what has none. */
  exitCode: number | null;
  output: OutputExcerpt;
}

const NOTHING: OutputExcerpt = { head: "", tail: "", omitted_bytes: 0 };

/** The commands of a conversation that were started, in their order. */
export function commandsOf(messages: readonly Message[]): Command[] {
  return messages
    .flatMap(({ parts }) => parts)
    .flatMap(({ id, body }): Command[] => {
      if (body.type !== "tool" || body.name !== "run_terminal_command" || body.status === "proposed")
        return [];
      const text = commandIn(body);
      if (text === "") return [];
      const running = body.status === "running";
      return [{ id, text, running, exitCode: exitCodeIn(body), output: body.output ?? NOTHING }];
    });
}

function commandIn(tool: ToolPart): string {
  try {
    const given: unknown = JSON.parse(tool.arguments);
    const command = typeof given === "object" && given !== null && "command" in given ? given.command : "";
    return typeof command === "string" ? command : "";
  } catch {
    return "";
  }
}

function exitCodeIn({ data }: ToolPart): number | null {
  const code = typeof data === "object" && data !== null && "exit_code" in data ? data.exit_code : null;
  return typeof code === "number" ? code : null;
}
