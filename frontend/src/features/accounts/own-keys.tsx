import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { listOwnKeys, removeOwnKey, saveOwnKey } from "@/api/accounts";
import { toProblem } from "@/api/problem";
import { useProviders } from "@/api/queries";
import type { Provider } from "@/api/types";
import { tp } from "@/i18n/en-accounts";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { ProblemView } from "@/ui/problem-view";

const QUERY = ["own-keys"];

/** A person's own keys of providers: they go in and never come out. */
export function OwnKeys() {
  const client = useQueryClient();
  const { data: keys, error } = useQuery({ queryKey: QUERY, queryFn: listOwnKeys });
  const providers = useProviders().data?.providers.filter(({ scripted }) => !scripted) ?? [];
  const again = () => client.invalidateQueries({ queryKey: QUERY });
  const save = useMutation({ mutationFn: saveOwnKey, onSuccess: again });
  const remove = useMutation({ mutationFn: removeOwnKey, onSuccess: again });
  const failure = error ?? save.error ?? remove.error;
  return (
    <div className="flex flex-col gap-3">
      <p className="text-12 text-text-3">{tp(providers.length > 0 ? "keys.help" : "keys.none")}</p>
      {failure && <ProblemView problem={toProblem(failure)} />}
      {providers.map((provider) => (
        <KeyForm
          key={provider.id}
          provider={provider}
          inUse={keys?.find(({ provider_id }) => provider_id === provider.id)?.in_use}
          onSave={(api_key) => save.mutateAsync({ id: provider.id, api_key })}
          onRemove={() => remove.mutate(provider.id)}
        />
      ))}
    </div>
  );
}

interface KeyFormProps {
  provider: Provider;
  /** Whether the person's key is in use; `undefined` when they have none. */
  inUse: boolean | undefined;
  onSave: (key: string) => Promise<unknown>;
  onRemove: () => void;
}

function KeyForm({ provider: { name }, inUse, onSave, onRemove }: KeyFormProps) {
  const [key, setKey] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await onSave(key);
      setKey("");
    } catch {
      // The failure is shown above; what was written stays.
    }
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <TextField
        type="password"
        autoComplete="off"
        label={tp("keys.key", { name })}
        help={inUse === undefined ? undefined : tp(inUse ? "keys.has" : "keys.elsewhere", { name })}
        value={key}
        onChange={(event) => setKey(event.target.value)}
      />
      <Button type="submit" disabled={key.trim() === ""}>
        {tp("keys.save")}
      </Button>
      {inUse !== undefined && (
        <Button kind="danger" onClick={onRemove}>
          {tp("keys.remove")}
        </Button>
      )}
    </form>
  );
}
