/** Names for the wire types of the gateway's API, which `schema.d.ts` is generated from its code. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Attachment = Schemas["Attachment"];
export type ContextFile = Schemas["ContextFile"];
export type Budget = Schemas["Budget"];
export type BudgetState = Schemas["BudgetState"];
export type Conversation = Schemas["Conversation"];
export type ConversationBudgets = Schemas["ConversationBudgets"];
export type ConversationPage = Schemas["ConversationPage"];
export type ConversationSnapshot = Schemas["ConversationSnapshot"];
export type CreateConversation = Schemas["CreateConversation"];
export type EventBody = Schemas["EventBody"];
/** A numbered event of `GET /api/v1/events`. */
export type GatewayEvent = Schemas["Event"];
export type Instance = Schemas["Instance"];
export type Message = Schemas["Message"];
export type ModelChoice = Schemas["ModelChoice"];
export type NoticeLevel = Schemas["NoticeLevel"];
export type OutputExcerpt = Schemas["OutputExcerpt"];
export type Part = Schemas["Part"];
export type PartBody = Schemas["PartBody"];
export type Problem = Schemas["Problem"];
export type Provider = Schemas["Provider"];
export type ProviderList = Schemas["ProviderList"];
export type ProviderPreset = Schemas["ProviderPreset"];
export type ProviderTestResult = Schemas["ProviderTestResult"];
export type QueuedMessage = Schemas["QueuedMessage"];
export type Retry = Schemas["Retry"];
export type RunLimits = Schemas["RunLimits"];
export type RunStatus = Schemas["RunStatus"];
export type SandboxStatus = Schemas["SandboxStatus"];
export type SaveProvider = Schemas["SaveProvider"];
export type SendMessage = Schemas["SendMessage"];
export type SendMode = Schemas["SendMode"];
export type Settings = Schemas["Settings"];
export type TestProvider = Schemas["TestProvider"];
export type ToolPart = Schemas["ToolPart"];
export type ToolPartStatus = Schemas["ToolPartStatus"];
export type UpdateConversation = Schemas["UpdateConversation"];
export type UpdateSettings = Schemas["UpdateSettings"];
export type Usage = Schemas["Usage"];
