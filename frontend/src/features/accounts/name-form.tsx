import type { UseMutationResult } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toProblem } from "@/api/problem";
import type { Account } from "@/api/types";
import { tp } from "@/i18n/en-accounts";
import { TextField } from "@/ui/field";
import { ProblemView } from "@/ui/problem-view";
import { SaveRow } from "@/ui/save-row";

interface NameFormProps {
  name: string;
  save: UseMutationResult<Account, Error, string>;
}

/** The name to log in with. */
export function NameForm({ name, save }: NameFormProps) {
  const [wanted, setWanted] = useState(name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(wanted);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <TextField
        label={tp("account.name")}
        autoComplete="username"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      {save.error && <ProblemView problem={toProblem(save.error)} />}
      <SaveRow changed={wanted !== name} saving={save.isPending} saved={save.isSuccess} />
    </form>
  );
}
