import type { UseMutationResult } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toProblem } from "@/api/problem";
import type { ChangePassword } from "@/api/types";
import { tp } from "@/i18n/en-accounts";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { ProblemView } from "@/ui/problem-view";

interface PasswordFormProps {
  hasPassword: boolean;
  save: UseMutationResult<unknown, Error, ChangePassword>;
}

/** Sets the first password, or another one. */
export function PasswordForm({ hasPassword, save }: PasswordFormProps) {
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      { current, new: wanted },
      {
        onSuccess: () => {
          setCurrent("");
          setWanted("");
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      {hasPassword && (
        <TextField
          label={tp("account.current")}
          type="password"
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
      )}
      <TextField
        label={tp("account.new")}
        help={tp("account.newHelp")}
        type="password"
        autoComplete="new-password"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      {save.error && <ProblemView problem={toProblem(save.error)} />}
      <div className="flex items-center gap-2">
        <Button type="submit" kind="primary" disabled={wanted === "" || save.isPending}>
          {tp(hasPassword ? "account.changePassword" : "account.setPassword")}
        </Button>
        {save.isSuccess && wanted === "" && (
          <span role="status" className="text-12 text-ok">
            {tp("account.passwordSet")}
          </span>
        )}
      </div>
    </form>
  );
}
