import { API_BASE, api, contentOf } from "./client";
import type {
  AnswerQuestion,
  Budget,
  ChangeDesktopDriver,
  ConversationBudgets,
  CreateConversation,
  DecideApproval,
  PermissionChoices,
  SandboxChoices,
  SaveProvider,
  SaveSearchSettings,
  SendMessage,
  SubagentChoices,
  TestProvider,
  UpdateConversation,
  UpdateSettings,
} from "./types";
import { DEFAULT_WORKSPACE } from "./workspaces";

const NO_LIMITS: Budget = { steps: null, tokens: null, cost_micros: null, minutes: null };
const NO_BUDGETS: ConversationBudgets = { run: NO_LIMITS, conversation: NO_LIMITS };

const ofConversation = (id: string) => ({ params: { path: { id } } });

export const getInstance = () => contentOf(api.GET("/api/v1/instance"));

/** What the instance stands on: ports, disks, the image, and whether the sandbox can be reached. */
export const getEnvironment = () => contentOf(api.GET("/api/v1/instance/environment"));

/** The newest page of conversations, or the one after `before`. */
export const listConversations = (before?: string, archived?: boolean) =>
  contentOf(api.GET("/api/v1/conversations", { params: { query: { before, archived } } }));

/** Finds words in titles, messages and arguments of tools. */
export const searchMessages = (q: string, before?: string, conversation?: string) =>
  contentOf(api.GET("/api/v1/search", { params: { query: { q, before, conversation } } }));

/** With a `key`, the same request made again within a day makes nothing again and is answered as before. */
export const createConversation = (body: Partial<CreateConversation> = {}, key?: string) =>
  contentOf(
    api.POST("/api/v1/conversations", {
      params: { header: key === undefined ? {} : { "Idempotency-Key": key } },
      body: {
        title: "",
        model: null,
        budgets: NO_BUDGETS,
        workspace_id: DEFAULT_WORKSPACE,
        continues: null,
        ...body,
      },
    }),
  );

/** A conversation with its newest messages. */
export const getConversation = (id: string, tail = 60) =>
  contentOf(api.GET("/api/v1/conversations/{id}", { params: { path: { id }, query: { tail } } }));

/** A page of messages: those before a message, behind one, or around one (or around a part of one). */
export const getMessages = (id: string, place: { before: string } | { after: string } | { around: string }) =>
  contentOf(api.GET("/api/v1/conversations/{id}", { params: { path: { id }, query: place } }));

/** The person's messages in short, oldest first: the part of the list behind the message `after`. */
export const getOutline = (id: string, after?: string) =>
  contentOf(
    api.GET("/api/v1/conversations/{id}/outline", {
      params: { path: { id }, query: { after, limit: OUTLINE_PART } },
    }),
  );

/** Messages in a part of an outline, which is shorter only at the end. */
export const OUTLINE_PART = 1_000;

/** Changes what `body` names; the rest stays. */
export const updateConversation = (id: string, body: Partial<UpdateConversation>) =>
  contentOf(
    api.PATCH("/api/v1/conversations/{id}", {
      ...ofConversation(id),
      body: { title: null, model: null, pinned: null, archived: null, ...body },
    }),
  );

/** Where a conversation is to be had as a file. */
export const exportAddress = (id: string, format: "json" | "markdown") =>
  `${API_BASE}/conversations/${encodeURIComponent(id)}/export?format=${format}`;

export const deleteConversation = (id: string) =>
  contentOf(api.DELETE("/api/v1/conversations/{id}", ofConversation(id)));

/** Brings a deleted conversation back, as long as the gateway keeps it. */
export const undeleteConversation = (id: string) =>
  contentOf(api.POST("/api/v1/conversations/{id}/undelete", ofConversation(id)));

/** Makes a conversation from the text of an exported one. */
export const importConversation = (file: string) =>
  contentOf(api.POST("/api/v1/conversations/import", { body: file as never, bodySerializer: () => file }));

/** What a conversation may consume, and what it has. */
export const getBudget = (id: string) =>
  contentOf(api.GET("/api/v1/conversations/{id}/budget", ofConversation(id)));

/** Replaces a conversation's own limits. */
export const saveBudget = (id: string, body: ConversationBudgets) =>
  contentOf(api.PUT("/api/v1/conversations/{id}/budget", { ...ofConversation(id), body }));

/** Sends a message; sending the same `client_id` again changes nothing. */
export const sendMessage = (id: string, body: SendMessage) =>
  contentOf(api.POST("/api/v1/conversations/{id}/messages", { ...ofConversation(id), body }));

export const stopRun = (id: string) =>
  contentOf(api.POST("/api/v1/conversations/{id}/stop", ofConversation(id)));

/** Has the run come to rest before what it would do next. */
export const pauseRun = (id: string) =>
  contentOf(api.POST("/api/v1/conversations/{id}/pause", ofConversation(id)));

/** Lets a paused run go on, or takes up one that ended early. */
export const continueRun = (id: string) =>
  contentOf(api.POST("/api/v1/conversations/{id}/continue", ofConversation(id)));

const ofQueued = (id: string, message_id: string) => ({ params: { path: { id, message_id } } });

export const deleteQueued = (id: string, messageId: string) =>
  contentOf(api.DELETE("/api/v1/conversations/{id}/queue/{message_id}", ofQueued(id, messageId)));

/** Has a waiting message say something else. */
export const editQueued = (id: string, messageId: string, text: string) =>
  contentOf(
    api.PATCH("/api/v1/conversations/{id}/queue/{message_id}", {
      ...ofQueued(id, messageId),
      body: { text },
    }),
  );

/** Puts the waiting messages into this order. */
export const orderQueue = (id: string, messageIds: string[]) =>
  contentOf(
    api.PUT("/api/v1/conversations/{id}/queue", { ...ofConversation(id), body: { message_ids: messageIds } }),
  );

export const sendQueuedNow = (id: string, messageId: string) =>
  contentOf(api.POST("/api/v1/conversations/{id}/queue/{message_id}/send", ofQueued(id, messageId)));

const ofCall = (id: string, call_id: string) => ({ params: { path: { id, call_id } } });

/** What the sub-agent of a call has said and done. */
export const getNestedMessages = (id: string, callId: string) =>
  contentOf(api.GET("/api/v1/conversations/{id}/calls/{call_id}/messages", ofCall(id, callId)));

/** Stops one call; its run goes on. */
export const stopCall = (id: string, callId: string) =>
  contentOf(api.POST("/api/v1/conversations/{id}/calls/{call_id}/stop", ofCall(id, callId)));

/** Answers a question of the model; sending the same `client_id` again changes nothing. */
export const answerQuestion = (id: string, call_id: string, body: AnswerQuestion) =>
  contentOf(
    api.POST("/api/v1/conversations/{id}/questions/{call_id}/answer", {
      params: { path: { id, call_id } },
      body,
    }),
  );

/** Decides about a call that waits; sending the same `client_id` again changes nothing. */
export const decideApproval = (id: string, callId: string, body: DecideApproval) =>
  contentOf(api.POST("/api/v1/conversations/{id}/approvals/{call_id}", { ...ofCall(id, callId), body }));

/** Bytes `from` to `to` of a tool call's whole output. */
export const getOutput = (id: string, call_id: string, from: number, to: number) =>
  contentOf(
    api.GET("/api/v1/conversations/{id}/calls/{call_id}/output", {
      params: { path: { id, call_id }, query: { from, to } },
    }),
  );

export const listProviders = () => contentOf(api.GET("/api/v1/providers"));

export const saveProvider = (id: string, body: SaveProvider) =>
  contentOf(api.PUT("/api/v1/providers/{id}", { params: { path: { id } }, body }));

export const deleteProvider = (id: string) =>
  contentOf(api.DELETE("/api/v1/providers/{id}", { params: { path: { id } } }));

/** What the provider itself says it offers. */
export const listProviderModels = (id: string) =>
  contentOf(api.GET("/api/v1/providers/{id}/models", { params: { path: { id } } }));

/** Makes one small call with what would be saved. */
export const testProvider = (body: TestProvider) => contentOf(api.POST("/api/v1/providers/test", { body }));

/** What the sandbox may use and do, and where each value comes from. */
export const getSandboxSettings = () => contentOf(api.GET("/api/v1/sandbox/settings"));

/** Replaces what is saved about the sandbox. */
export const saveSandboxSettings = (body: SandboxChoices) =>
  contentOf(api.PUT("/api/v1/sandbox/settings", { body }));

/** What sub-agents may consume, and where each limit comes from. */
export const getSubagentSettings = () => contentOf(api.GET("/api/v1/settings/subagents"));

/** Which calls are made without asking. */
export const getPermissionSettings = () => contentOf(api.GET("/api/v1/settings/permissions"));

/** Replaces what is saved about that. */
export const savePermissionSettings = (body: PermissionChoices) =>
  contentOf(api.PUT("/api/v1/settings/permissions", { body }));

/** Replaces what is saved about sub-agents. */
export const saveSubagentSettings = (body: SubagentChoices) =>
  contentOf(api.PUT("/api/v1/settings/subagents", { body }));

/** What the sandbox uses at the moment; measured for this call. */
export const getSandboxUsage = () => contentOf(api.GET("/api/v1/sandbox/usage"));

/** Ends the sandbox's processes and starts it again. */
export const restartSandbox = () => contentOf(api.POST("/api/v1/sandbox/restart"));

/** Makes the sandbox anew from its image. */
export const resetSandbox = () => contentOf(api.POST("/api/v1/sandbox/reset"));

export const getSettings = () => contentOf(api.GET("/api/v1/settings"));

/** Changes what `change` names; the rest stays. */
export const updateSettings = (change: Partial<UpdateSettings>) =>
  contentOf(api.PATCH("/api/v1/settings", { body: { ...NO_CHANGE, ...change } }));

export const getSearch = () => contentOf(api.GET("/api/v1/settings/search"));

export const saveSearch = (body: SaveSearchSettings) =>
  contentOf(api.PUT("/api/v1/settings/search", { body }));

const NO_CHANGE: UpdateSettings = {
  context_mode: null,
  default_model: null,
  secondary_model: null,
  limits: null,
  conversation_budget: null,
  instructions: null,
  setup_done: null,
};

/** Who drives the desktop: the agent, or the person who has taken control, from the page that they named. */
export const getDesktopControl = () => contentOf(api.GET("/api/v1/desktop/control"));

export const setDesktopControl = (change: ChangeDesktopDriver) =>
  contentOf(api.PUT("/api/v1/desktop/control", { body: change }));

/** Starts the desktop unless it runs; the refusal says why it cannot. */
export const startDesktop = () => contentOf(api.POST("/api/v1/desktop/start"));

/** An address that lets a frame of this page in, once, to what a port serves. */
export const openPreviewFrame = (port: number) =>
  contentOf(api.GET("/api/v1/ports/{port}/preview/frame", { params: { path: { port } } }));
