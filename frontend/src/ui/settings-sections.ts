import { useOwnAccount } from "@/api/account-queries";
import { t } from "@/i18n";
import { tp } from "@/i18n/en-accounts";
import { ta } from "@/i18n/en-api";
import { td } from "@/i18n/en-data";
import { tw } from "@/i18n/en-workspaces";

/** The parts of the settings: what each is called, and whose it is. The name is in the address: `/settings#models`. */
const SECTIONS = {
  models: { title: () => t("settings.models"), of: "admins" },
  secondary: { title: () => t("settings.secondary"), of: "admins" },
  limits: { title: () => t("settings.limits"), of: "admins" },
  subagents: { title: () => t("subagent.title"), of: "admins" },
  permissions: { title: () => t("permission.title"), of: "admins" },
  instructions: { title: () => t("settings.instructions"), of: "admins" },
  context: { title: () => t("settings.context"), of: "admins" },
  web: { title: () => t("settings.web"), of: "admins" },
  sandbox: { title: () => t("sandbox.title"), of: "all" },
  retention: { title: () => td("retention"), of: "admins" },
  key: { title: () => td("key"), of: "admins" },
  all: { title: () => td("all"), of: "all" },
  appearance: { title: () => t("settings.appearance"), of: "all" },
  notifications: { title: () => t("settings.notifications"), of: "all" },
  account: { title: () => tp("account.title"), of: "all" },
  keys: { title: () => tp("keys.title"), of: "members" },
  people: { title: () => tp("people.title"), of: "admins" },
  workspaces: { title: () => tw("title"), of: "members" },
  webhooks: { title: () => ta("webhooks"), of: "members" },
  reference: { title: () => ta("reference"), of: "all" },
  about: { title: () => t("settings.about"), of: "all" },
} as const;

export type SettingsSectionName = keyof typeof SECTIONS;

const NAMES = Object.keys(SECTIONS) as SettingsSectionName[];

export const sectionTitle = (name: SettingsSectionName): string => SECTIONS[name].title();

/** The sections that the person who is logged in is shown. */
export function useOwnSections(): SettingsSectionName[] {
  const role = useOwnAccount().data?.account.role;
  return NAMES.filter((name) => {
    const { of } = SECTIONS[name];
    return of === "all" || role === "admin" || (of === "members" && role === "member");
  });
}
