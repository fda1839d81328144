import { type FormEvent, useState } from "react";
import { toProblem } from "@/api/problem";
import type { CreatedWebhook, WebhookEvent } from "@/api/types";
import { createWebhook, useWebhookChange } from "@/api/webhooks";
import { ta } from "@/i18n/en-api";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { ProblemView } from "@/ui/problem-view";

const EVENTS = [
  "run.finished",
  "run.needs_input",
  "run.failed",
  "budget.near",
  "budget.reached",
] as const satisfies readonly WebhookEvent[];

interface WebhookFormProps {
  /** Whether its address may be in a private network. */
  mayUsePrivate: boolean;
  onMade: (made: CreatedWebhook) => void;
}

/** Makes a webhook. */
export function WebhookForm({ mayUsePrivate, onMade }: WebhookFormProps) {
  const [url, setUrl] = useState("");
  const [events, setEvents] = useState<readonly WebhookEvent[]>(EVENTS);
  const [isPrivate, setPrivate] = useState(false);
  const create = useWebhookChange(createWebhook);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { url: url.trim(), events: [...events], private_network: isPrivate };
    create.mutate(body, {
      onSuccess: (made) => {
        setUrl("");
        onMade(made);
      },
    });
  };
  const toggle = (event: WebhookEvent) =>
    setEvents(events.includes(event) ? events.filter((other) => other !== event) : [...events, event]);
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <TextField
        label={ta("url")}
        help={ta("urlHelp")}
        type="url"
        value={url}
        onChange={(event) => setUrl(event.target.value)}
      />
      <fieldset className="flex flex-col gap-1">
        <legend className="text-12 font-medium text-text-2">{ta("tell")}</legend>
        {EVENTS.map((event) => (
          <label key={event} className="flex items-center gap-2">
            <input type="checkbox" checked={events.includes(event)} onChange={() => toggle(event)} />
            {ta(event)}
          </label>
        ))}
      </fieldset>
      {mayUsePrivate && (
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={isPrivate} onChange={(event) => setPrivate(event.target.checked)} />
          {ta("private")}
        </label>
      )}
      {create.error && <ProblemView problem={toProblem(create.error)} />}
      <div>
        <Button
          kind="primary"
          type="submit"
          disabled={url.trim() === "" || events.length === 0 || create.isPending}
        >
          {ta("add")}
        </Button>
      </div>
    </form>
  );
}
