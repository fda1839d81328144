import type { Translations } from "../locale";
import { ACCOUNT_WORDS } from "./accounts";
import { BRANCH_WORDS } from "./branches";
import { CONTEXT_WORDS } from "./context";
import { COST_WORDS } from "./cost";
import { DATA_WORDS } from "./data";
import { FILE_WORDS } from "./files";
import { MAIN } from "./main";
import { ACTIONS, API_WORDS, CHANGE_WORDS, LOOKS } from "./panels";
import { PROVIDER_WORDS } from "./providers";
import { SANDBOX_WORDS } from "./sandbox";
import { SETTINGS_FORM_WORDS } from "./settings-forms";
import { SETUP_WORDS } from "./setup";
import { TERMINAL_WORDS } from "./terminal";
import { WORKSPACE_WORDS } from "./workspaces";

/** Everything in German, by catalogue; loaded only by those who chose it. */
export const DE: Translations = {
  main: MAIN,
  accounts: ACCOUNT_WORDS,
  actions: ACTIONS,
  api: API_WORDS,
  appearance: LOOKS,
  branches: BRANCH_WORDS,
  changes: CHANGE_WORDS,
  context: CONTEXT_WORDS,
  cost: COST_WORDS,
  data: DATA_WORDS,
  files: FILE_WORDS,
  providers: PROVIDER_WORDS,
  sandbox: SANDBOX_WORDS,
  settings: SETTINGS_FORM_WORDS,
  setup: SETUP_WORDS,
  terminal: TERMINAL_WORDS,
  workspaces: WORKSPACE_WORDS,
};
