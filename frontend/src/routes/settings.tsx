import { Link } from "@tanstack/react-router";
import { useOwnAccount } from "@/api/account-queries";
import { toProblem } from "@/api/problem";
import { useInstance, useSaveSettings, useSearch, useSettings } from "@/api/queries";
import type { Account, ModelChoice } from "@/api/types";
import { AccountSettings } from "@/features/accounts/account";
import { OwnKeys } from "@/features/accounts/own-keys";
import { PeopleSettings } from "@/features/accounts/people";
import { AppearanceSettings } from "@/features/appearance/appearance-settings";
import { NotificationSettings } from "@/features/notifications/notification-settings";
import { ProviderList } from "@/features/providers/provider-list";
import { RenewSandbox } from "@/features/sandbox/renew";
import { SandboxSettingsForm } from "@/features/sandbox/settings-form";
import { SandboxUsage } from "@/features/sandbox/usage";
import {
  ContextForm,
  InstructionsForm,
  LimitsForm,
  SecondaryModelForm,
} from "@/features/settings/agent-settings";
import { PermissionsForm } from "@/features/settings/permissions-form";
import { RetentionForm } from "@/features/settings/retention-form";
import { SearchForm } from "@/features/settings/search-form";
import { SecretKey } from "@/features/settings/secret-key";
import { SettingTable } from "@/features/settings/setting-table";
import { SettingsScreen, SettingsSection } from "@/features/settings/settings-screen";
import { SubagentsForm } from "@/features/settings/subagents-form";
import { Webhooks } from "@/features/webhooks/webhooks";
import { WorkspaceSettings } from "@/features/workspaces/workspace-settings";
import { t } from "@/i18n";
import { ta } from "@/i18n/en-api";
import { td } from "@/i18n/en-data";
import { ts } from "@/i18n/en-setup";
import { ProblemView } from "@/ui/problem-view";
import { showToast } from "@/ui/toast";

/** One's own account, and for administrators what holds for everybody: nobody is shown what they may not change. */
export function SettingsRoute() {
  const instance = useInstance().data;
  const account = useOwnAccount().data?.account;
  const isAdmin = account?.role === "admin";
  return (
    <SettingsScreen>
      {isAdmin && <InstanceSettings account={account} />}
      {account && !isAdmin && <p className="text-12 text-text-3">{td("locked")}</p>}
      <SettingsSection name="all">
        <SettingTable />
      </SettingsSection>
      {!isAdmin && (
        <SettingsSection name="sandbox">
          <SandboxUsage />
        </SettingsSection>
      )}
      <SettingsSection name="appearance">
        <AppearanceSettings />
      </SettingsSection>
      <SettingsSection name="notifications">
        <NotificationSettings />
      </SettingsSection>
      <SettingsSection name="account">
        <AccountSettings />
      </SettingsSection>
      {account && account.role !== "viewer" && (
        <SettingsSection name="keys">
          <OwnKeys />
        </SettingsSection>
      )}
      {isAdmin && (
        <SettingsSection name="people">
          <PeopleSettings />
        </SettingsSection>
      )}
      {account && account.role !== "viewer" && (
        <SettingsSection name="workspaces">
          <WorkspaceSettings />
        </SettingsSection>
      )}
      {account && account.role !== "viewer" && (
        <SettingsSection name="webhooks">
          <Webhooks mayUsePrivate={isAdmin} />
        </SettingsSection>
      )}
      <SettingsSection name="reference">
        <p className="text-12 text-text-3">{ta("referenceHelp")}</p>
        <p>
          <Link to="/api-docs" className="text-accent underline">
            {ta("referenceOpen")}
          </Link>
        </p>
      </SettingsSection>
      {instance && (
        <SettingsSection name="about">
          <p className="text-text-2">
            {t("settings.version", { version: instance.version, number: instance.number })}
          </p>
          {isAdmin && (
            <p className="text-text-2">
              <Link to="/setup" className="text-accent underline">
                {ts("open")}
              </Link>{" "}
              {ts("openHelp")}
            </p>
          )}
          {isAdmin && (
            <p className="text-text-2">
              <a className="underline" href="/api/v1/diagnostics" download="slipway-diagnostics.json">
                {t("settings.diagnostics")}
              </a>{" "}
              {t("settings.diagnosticsHelp")}
            </p>
          )}
        </SettingsSection>
      )}
    </SettingsScreen>
  );
}

/** What holds for the whole instance: models, limits, instructions, the sandbox, what is kept. */
function InstanceSettings({ account }: { account: Account }) {
  const { data: settings, error } = useSettings();
  const search = useSearch().data;
  const save = useSaveSettings();
  const makeDefault = (choice: ModelChoice) => {
    save.mutate(
      { default_model: choice },
      { onError: (failure) => showToast({ level: "error", text: toProblem(failure).title }) },
    );
  };
  return (
    <>
      {error && <ProblemView problem={toProblem(error)} />}
      <SettingsSection name="models">
        <ProviderList onDefault={makeDefault} />
      </SettingsSection>
      {settings && (
        <>
          <SettingsSection name="secondary">
            <SecondaryModelForm settings={settings} />
          </SettingsSection>
          <SettingsSection name="limits">
            <LimitsForm settings={settings} />
          </SettingsSection>
          <SettingsSection name="subagents">
            <SubagentsForm />
          </SettingsSection>
          <SettingsSection name="permissions">
            <PermissionsForm />
          </SettingsSection>
          <SettingsSection name="instructions">
            <InstructionsForm settings={settings} />
          </SettingsSection>
          <SettingsSection name="context">
            <ContextForm settings={settings} />
          </SettingsSection>
        </>
      )}
      {search && (
        <SettingsSection name="web">
          <SearchForm search={search} />
        </SettingsSection>
      )}
      <SettingsSection name="sandbox">
        <SandboxUsage />
        <RenewSandbox />
        <SandboxSettingsForm />
      </SettingsSection>
      <SettingsSection name="retention">
        <RetentionForm />
      </SettingsSection>
      <SettingsSection name="key">
        <SecretKey owner={account.owner} />
      </SettingsSection>
    </>
  );
}
