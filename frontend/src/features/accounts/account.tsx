import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ACCOUNT_QUERY, useOwnAccount } from "@/api/account-queries";
import { changePassword, endSession, endSessions, logOut, renameAccount } from "@/api/accounts";
import { toProblem } from "@/api/problem";
import type { Account, Session } from "@/api/types";
import { tp } from "@/i18n/en-accounts";
import { formatAge } from "@/i18n/units";
import { Button } from "@/ui/button";
import { ProblemView } from "@/ui/problem-view";
import { useNow } from "@/ui/use-now";
import { NameForm } from "./name-form";
import { PasswordForm } from "./password-form";

/** The person's own account: name, password, and where they are logged in. */
export function AccountSettings() {
  const client = useQueryClient();
  const { data, error } = useOwnAccount();
  const again = () => client.invalidateQueries({ queryKey: ACCOUNT_QUERY });
  const rename = useMutation({ mutationFn: renameAccount, onSuccess: again });
  const password = useMutation({ mutationFn: changePassword, onSuccess: again });
  if (error) return <ProblemView problem={toProblem(error)} />;
  if (!data) return null;
  const { account, sessions } = data;
  return (
    <div className="flex flex-col gap-4" data-testid="account">
      <WhoYouAre account={account} />
      <NameForm name={account.name} save={rename} />
      <PasswordForm hasPassword={account.has_password} save={password} />
      <Sessions sessions={sessions} onChange={again} />
    </div>
  );
}

function WhoYouAre({ account }: { account: Account }) {
  return (
    <div className="flex flex-col gap-1 text-text-2">
      <p>{tp("account.who", { name: account.name, role: tp(`account.role.${account.role}`) })}</p>
      {account.owner && <p className="text-12 text-text-3">{tp("account.owner")}</p>}
      {!account.has_password && <p className="text-12 text-text-3">{tp("account.noPassword")}</p>}
    </div>
  );
}

function Sessions({ sessions, onChange }: { sessions: Session[]; onChange: () => void }) {
  const end = useMutation({ mutationFn: endSession, onSuccess: onChange });
  // Nothing of what the page shows is the person's any more: it begins anew, at the login.
  const leave = () => window.location.assign("/");
  const endThis = useMutation({ mutationFn: logOut, onSuccess: leave });
  const endAll = useMutation({ mutationFn: endSessions, onSuccess: leave });
  const failure = end.error ?? endThis.error ?? endAll.error;
  const now = useNow(false);
  return (
    <div className="flex flex-col gap-2">
      <h3 className="text-13 font-medium">{tp("account.sessions")}</h3>
      <ul className="flex flex-col gap-1">
        {sessions.map((session) => (
          <li key={session.id} className="flex items-center gap-2 text-12 text-text-2">
            <span className="min-w-0 grow truncate" title={session.agent}>
              {tp("account.session", {
                agent: session.agent || tp("account.unknownAgent"),
                when: formatAge(session.seen_at, now),
              })}
            </span>
            {session.current && <span className="text-text-3">{tp("account.thisBrowser")}</span>}
            <Button
              kind="quiet"
              data-testid={session.current ? "log-out" : undefined}
              onClick={() => (session.current ? endThis.mutate() : end.mutate(session.id))}
            >
              {tp("account.end")}
            </Button>
          </li>
        ))}
      </ul>
      {failure && <ProblemView problem={toProblem(failure)} />}
      <Button className="self-start" onClick={() => endAll.mutate()}>
        {tp("account.endAll")}
      </Button>
    </div>
  );
}
