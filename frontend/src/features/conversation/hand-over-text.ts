import type { Message } from "@/api/types";
import { t } from "@/i18n";
import type { ConversationState } from "@/stream/reducer";

/** Most of what was said last that is taken along, in UTF-16 units. */
const MOST = 4_000;

/** What a new conversation has to know of this one: where it is, what was asked first and last, and what stands. */
export function handoverOf(state: ConversationState, origin: string): string {
  const { id, title } = state.conversation;
  const asked = state.messages.filter(({ role }) => role === "user").map(textOf);
  const answer = state.messages.filter(({ role }) => role === "assistant").map(textOf);
  const steps = state.plan?.steps.map(({ text, status }) => `- [${status === "done" ? "x" : " "}] ${text}`);
  const parts: [heading: string, text: string | undefined][] = [
    [t("handover.task"), state.hasMore ? undefined : asked[0]],
    [t("handover.last"), asked.length > 1 || state.hasMore ? asked.at(-1) : undefined],
    [t("handover.stands"), answer.findLast((text) => text !== "")],
    [t("handover.plan"), steps?.join("\n")],
  ];
  const told = parts.flatMap(([heading, text]) => (text ? [`**${heading}**\n\n${short(text)}`] : []));
  const link = `[${title || t("sidebar.untitled")}](${origin}/c/${id})`;
  return [t("handover.from", { link }), ...told, `**${t("handover.next")}**\n\n`].join("\n\n");
}

function textOf({ parts }: Message): string {
  return parts
    .flatMap(({ body }) => (body.type === "text" ? [body.text] : []))
    .join("\n\n")
    .trim();
}

function short(text: string): string {
  return text.length <= MOST ? text : `${text.slice(0, MOST)}…`;
}
