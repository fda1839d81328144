import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ACCOUNT_QUERY } from "@/api/account-queries";
import { changePassword } from "@/api/accounts";
import type { Account } from "@/api/types";
import { ts } from "@/i18n/en-setup";
import { PasswordForm } from "./password-form";
import { PeopleSettings } from "./people";

/** What makes more of an instance than one person's on their own machine: a password, and other people. */
export function FirstAccount({ account }: { account: Account }) {
  const client = useQueryClient();
  const password = useMutation({
    mutationFn: changePassword,
    onSuccess: () => client.invalidateQueries({ queryKey: ACCOUNT_QUERY }),
  });
  return (
    <>
      <Part title={ts("setPassword", { name: account.name })}>
        <PasswordForm hasPassword={account.has_password} save={password} />
      </Part>
      {account.role === "admin" && (
        <Part title={ts("addPeople")}>
          <PeopleSettings />
        </Part>
      )}
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details>
      <summary className="w-fit cursor-pointer rounded-control py-1 text-accent pointer-coarse:py-3">
        {title}
      </summary>
      <div className="pt-2">{children}</div>
    </details>
  );
}
