import { api, contentOf } from "./client";

const ofMessage = (id: string, message_id: string) => ({ params: { path: { id, message_id } } });

/** Says a message in other words, in a conversation of its own; the same `client_id` again changes nothing. */
export const branchMessage = (id: string, messageId: string, body: { text: string; client_id: string }) =>
  contentOf(
    api.POST("/api/v1/conversations/{id}/messages/{message_id}/branch", {
      ...ofMessage(id, messageId),
      body: { attachments: null, ...body },
    }),
  );

/** The state of the files before a message. */
export const getStateBefore = (id: string, messageId: string) =>
  contentOf(api.GET("/api/v1/conversations/{id}/messages/{message_id}/before", ofMessage(id, messageId)));
