import type { PreviewMessage } from "@/api/types";
import { tx } from "@/i18n/en-context";

interface Call {
  function?: { name?: string; arguments?: string };
}

interface Part {
  type?: string;
  text?: string;
  id?: string;
}

/** Who a message is from. */
export function roleOf({ message }: PreviewMessage): string {
  return String((message as { role?: unknown }).role ?? "");
}

/** What a message says, in plain text: its words, pictures by their ids, and calls with their arguments. */
export function textOf({ message }: PreviewMessage): string {
  const {
    content,
    reasoning_content: reasoning,
    tool_calls: calls,
  } = message as {
    content?: string | Part[];
    reasoning_content?: string;
    tool_calls?: Call[];
  };
  const words = typeof content === "string" ? content : (content ?? []).map(partText).join("\n");
  const made = (calls ?? []).map(
    ({ function: called }) => `${tx("call", { name: called?.name ?? "" })} ${called?.arguments ?? ""}`,
  );
  return [reasoning ?? "", words, ...made].filter((piece) => piece !== "").join("\n\n");
}

function partText(part: Part): string {
  return part.type === "text" ? (part.text ?? "") : `[${tx("picture", { id: part.id ?? "" })}]`;
}
