import { translator } from "./translator";

/** What the page says about model providers. */
export const PROVIDERS = {
  "provider.choose": "Choose a provider",
  "provider.custom": "any address",
  "provider.local": "no key needed",
  "provider.name": "Name",
  "provider.baseUrl": "Base URL",
  "provider.baseUrlHelp": "Up to and including the version, for example https://api.example.com/v1",
  "provider.key": "API key",
  "provider.keyOptional": "API key (only if the server wants one)",
  "provider.keyKept": "A key is stored. Leave this empty to keep it.",
  "provider.keyWhere": "Where to get a key",
  "provider.keyStored": "Stored encrypted; never shown again and never in the sandbox.",
  "provider.model": "Model",
  "provider.modelHelp": "The provider’s own name for it",
  "provider.sees": "Pictures",
  "provider.seesHelp":
    "Screenshots go as pictures to models that see and in words to others. Choose when Slipway does not know it.",
  "provider.seesKnown": "As known of each model",
  "provider.seesYes": "Its models see pictures",
  "provider.seesNo": "Its models see none",
  "provider.modelWindow": "window of {tokens} tokens",
  "provider.test": "Test",
  "provider.testing": "Testing…",
  "provider.works": "It works: {model} answered in {latency}.",
  "provider.callsTools": "It calls tools.",
  "provider.noTools":
    "It did not call the tool that it was asked to call. Slipway needs a model that calls tools.",
  "provider.needKey": "Enter a key first.",
  "provider.needUrl": "Enter an address that begins with http:// or https://.",
  "provider.needModel": "Enter a model’s name.",
  "provider.hasKey": "key stored",
  "provider.noKey": "no key",
  "provider.isDefault": "default",
  "provider.fromEnvironment": "from the environment",
  "provider.makeDefault": "Make default",
  "provider.edit": "Edit",
  "provider.add": "Add a model",
  "provider.deleteTitle": "Delete {name}?",
  "provider.deleteHelp": "Its key is deleted too. Conversations that use it need another model.",
} as const;

/** The words of model providers. */
export const tv = translator("providers", PROVIDERS);
