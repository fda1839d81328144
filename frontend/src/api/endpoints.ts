import { request } from "./client";
import type {
  Conversation,
  ConversationPage,
  ConversationSnapshot,
  Instance,
  ModelChoice,
  OutputRange,
  Provider,
  ProviderList,
  ProviderTestResult,
  SaveProvider,
  SendMessage,
  SendReceipt,
  Settings,
  TestProvider,
} from "./types";

const conversation = (id: string) => `/conversations/${encodeURIComponent(id)}`;
const provider = (id: string) => `/providers/${encodeURIComponent(id)}`;

export const getInstance = () => request<Instance>("GET", "/instance");

export const listConversations = (before?: string) =>
  request<ConversationPage>("GET", `/conversations${before ? `?before=${encodeURIComponent(before)}` : ""}`);

export const createConversation = (body: { title?: string; model?: ModelChoice } = {}) =>
  request<Conversation>("POST", "/conversations", body);

export const getConversation = (id: string, tail = 60) =>
  request<ConversationSnapshot>("GET", `${conversation(id)}?tail=${tail}`);

export const getOlderMessages = (id: string, before: string) =>
  request<ConversationSnapshot>("GET", `${conversation(id)}?before=${encodeURIComponent(before)}`);

export const updateConversation = (id: string, body: { title?: string; model?: ModelChoice }) =>
  request<Conversation>("PATCH", conversation(id), body);

export const deleteConversation = (id: string) => request<void>("DELETE", conversation(id));

export const sendMessage = (id: string, body: SendMessage) =>
  request<SendReceipt>("POST", `${conversation(id)}/messages`, body);

export const stopRun = (id: string) => request<void>("POST", `${conversation(id)}/stop`);

export const continueRun = (id: string) => request<void>("POST", `${conversation(id)}/continue`);

export const deleteQueued = (id: string, messageId: string) =>
  request<void>("DELETE", `${conversation(id)}/queue/${encodeURIComponent(messageId)}`);

export const sendQueuedNow = (id: string, messageId: string) =>
  request<void>("POST", `${conversation(id)}/queue/${encodeURIComponent(messageId)}/send`);

export const getOutput = (id: string, callId: string, from: number, to: number) =>
  request<OutputRange>(
    "GET",
    `${conversation(id)}/calls/${encodeURIComponent(callId)}/output?from=${from}&to=${to}`,
  );

export const listProviders = () => request<ProviderList>("GET", "/providers");

export const saveProvider = (id: string, body: SaveProvider) => request<Provider>("PUT", provider(id), body);

export const deleteProvider = (id: string) => request<void>("DELETE", provider(id));

export const testProvider = (body: TestProvider) =>
  request<ProviderTestResult>("POST", "/providers/test", body);

export const getSettings = () => request<Settings>("GET", "/settings");

export const putSettings = (body: Settings) => request<Settings>("PUT", "/settings", body);
