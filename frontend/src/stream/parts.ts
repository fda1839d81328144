import type { EventBody, Message, Part, PartBody, ToolPart } from "@/api/types";
import { appendOutput, EMPTY_EXCERPT } from "./excerpt";

/** Events about one part of a message. */
export type PartEvent = Extract<
  EventBody,
  {
    type:
      | "part.started"
      | "part.done"
      | "part.delta"
      | "tool.args"
      | "tool.started"
      | "tool.output"
      | "tool.finished";
  }
>;

/** Applies a part event to the message that it belongs to; unknown parts (not loaded here) stay unknown. */
export function changePart(
  messages: readonly Message[],
  event: PartEvent,
  reducer: (part: Part, event: PartEvent) => Part,
): readonly Message[] {
  if ("part" in event) return putPart(messages, event.part);
  // Parts that change are nearly always at the end.
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    const position = message?.parts.findLastIndex((part) => part.id === event.part_id) ?? -1;
    const part = message?.parts[position];
    if (!message || !part) continue;
    const parts = message.parts.with(position, reducer(part, event));
    return messages.with(index, { ...message, parts });
  }
  return messages;
}

function putPart(messages: readonly Message[], part: Part): readonly Message[] {
  const index = messages.findLastIndex((message) => message.id === part.message_id);
  const message = messages[index];
  if (!message) return messages;
  const position = message.parts.findIndex((known) => known.id === part.id);
  const parts = position < 0 ? [...message.parts, part] : message.parts.with(position, part);
  return messages.with(index, { ...message, parts });
}

/** The next state of one part. */
export function reducePart(part: Part, event: PartEvent): Part {
  switch (event.type) {
    case "part.delta":
      return withBody(part, appendText(part.body, event.text));
    case "tool.args":
      return withTool(part, (tool) => ({ ...tool, arguments: tool.arguments + event.text }));
    case "tool.started":
      return { ...withTool(part, (tool) => ({ ...tool, status: "running" })), started_at: event.started_at };
    case "tool.output":
      return withTool(part, (tool) => ({
        ...tool,
        output: appendOutput(tool.output ?? EMPTY_EXCERPT, event.text, event.skipped_bytes),
      }));
    default:
      return event.part;
  }
}

function appendText(body: PartBody, text: string): PartBody {
  return body.type === "text" || body.type === "reasoning" ? { ...body, text: body.text + text } : body;
}

function withTool(part: Part, change: (tool: ToolPart) => ToolPart): Part {
  return part.body.type === "tool" ? withBody(part, { ...change(part.body), type: "tool" }) : part;
}

function withBody(part: Part, body: PartBody): Part {
  return { ...part, body };
}
