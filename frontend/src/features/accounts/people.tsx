import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { PEOPLE_QUERY } from "@/api/account-queries";
import { addPerson, listPeople, removePerson, resetPassword, updatePerson } from "@/api/accounts";
import { toProblem } from "@/api/problem";
import type { Account, PasswordGiven, Role } from "@/api/types";
import { t } from "@/i18n";
import { tp } from "@/i18n/en-accounts";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy-button";
import { Dialog } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";
import { ProblemView } from "@/ui/problem-view";

const ROLES: Role[] = ["viewer", "member", "admin"];

/** Who may use the instance; for administrators. */
export function PeopleSettings() {
  const client = useQueryClient();
  const { data: people, error } = useQuery({ queryKey: PEOPLE_QUERY, queryFn: listPeople });
  const [given, setGiven] = useState<PasswordGiven | null>(null);
  const again = () => client.invalidateQueries({ queryKey: PEOPLE_QUERY });
  const told = (answer: PasswordGiven) => {
    setGiven(answer);
    return again();
  };
  const add = useMutation({ mutationFn: addPerson, onSuccess: told });
  const reset = useMutation({ mutationFn: resetPassword, onSuccess: told });
  const change = useMutation({ mutationFn: updatePerson, onSuccess: again });
  const remove = useMutation({ mutationFn: removePerson, onSuccess: again });
  const failure = error ?? add.error ?? reset.error ?? change.error ?? remove.error;
  return (
    <div className="flex flex-col gap-3" data-testid="people">
      <p className="text-12 text-text-3">{tp("people.help")}</p>
      <ul className="flex flex-col divide-y divide-line">
        {people?.map((person) => (
          <Person
            key={person.id}
            person={person}
            onRole={(role) => change.mutate({ id: person.id, role })}
            onDisabled={(disabled) => change.mutate({ id: person.id, disabled })}
            onReset={() => reset.mutate(person.id)}
            onRemove={(conversations) => remove.mutate({ id: person.id, conversations })}
          />
        ))}
      </ul>
      {given?.password && <Given name={given.account.name} password={given.password} />}
      {failure && <ProblemView problem={toProblem(failure)} />}
      <AddForm onAdd={(name, role) => add.mutateAsync({ name, role })} adding={add.isPending} />
    </div>
  );
}

interface PersonProps {
  person: Account;
  onRole: (role: Role) => void;
  onDisabled: (disabled: boolean) => void;
  onReset: () => void;
  onRemove: (conversations: "hand_over" | "delete") => void;
}

function Person({ person, onRole, onDisabled, onReset, onRemove }: PersonProps) {
  const [removing, setRemoving] = useState(false);
  const remove = (conversations: "hand_over" | "delete") => {
    setRemoving(false);
    onRemove(conversations);
  };
  return (
    <li className="flex flex-wrap items-end gap-2 py-2" aria-label={person.name}>
      <span className="min-w-0 grow truncate self-center">
        {person.name}
        {person.disabled && <span className="text-text-3"> · {tp("people.disabled")}</span>}
        {person.owner && <span className="text-text-3"> · {tp("people.runsIt")}</span>}
      </span>
      {!person.owner && (
        <>
          <RoleField
            label={tp("people.roleOf", { name: person.name })}
            role={person.role}
            onChange={onRole}
          />
          <Button onClick={onReset}>{tp("people.reset")}</Button>
          <Button
            kind={person.disabled ? "secondary" : "danger"}
            onClick={() => onDisabled(!person.disabled)}
          >
            {tp(person.disabled ? "people.enable" : "people.disable")}
          </Button>
          <Button kind="danger" onClick={() => setRemoving(true)}>
            {tp("people.remove")}
          </Button>
        </>
      )}
      {removing && (
        <Dialog
          open
          onOpenChange={(open) => !open && setRemoving(false)}
          title={tp("people.removeTitle", { name: person.name })}
          description={tp("people.removeHelp")}
        >
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={() => setRemoving(false)}>{t("action.cancel")}</Button>
            <Button onClick={() => remove("hand_over")}>{tp("people.handOver")}</Button>
            <Button kind="danger" onClick={() => remove("delete")}>
              {tp("people.deleteAll")}
            </Button>
          </div>
        </Dialog>
      )}
    </li>
  );
}

interface RoleFieldProps {
  label: string;
  role: Role;
  onChange: (role: Role) => void;
}

function RoleField({ label, role, onChange }: RoleFieldProps) {
  const choose = (name: string) => {
    const chosen = ROLES.find((known) => known === name);
    if (chosen) onChange(chosen);
  };
  return (
    <SelectField label={label} value={role} onChange={(event) => choose(event.target.value)}>
      {ROLES.map((known) => (
        <option key={known} value={known}>
          {tp(`account.role.${known}`)}
        </option>
      ))}
    </SelectField>
  );
}

function Given({ name, password }: { name: string; password: string }) {
  return (
    <div role="status" className="flex items-center gap-2 rounded-card border border-line-strong px-3 py-2">
      <span className="text-text-2">{tp("people.password", { name })}</span>
      <code className="font-mono">{password}</code>
      <CopyButton text={() => password} />
    </div>
  );
}

interface AddFormProps {
  onAdd: (name: string, role: Role) => Promise<unknown>;
  adding: boolean;
}

function AddForm({ onAdd, adding }: AddFormProps) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("member");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await onAdd(name, role);
      setName("");
    } catch {
      // The failure is shown above; what was written stays.
    }
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <TextField label={tp("people.name")} value={name} onChange={(event) => setName(event.target.value)} />
      <RoleField label={tp("people.role")} role={role} onChange={setRole} />
      <Button type="submit" kind="primary" disabled={name.trim() === "" || adding}>
        {tp("people.add")}
      </Button>
    </form>
  );
}
