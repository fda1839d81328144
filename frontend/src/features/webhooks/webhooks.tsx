import { useState } from "react";
import { toProblem } from "@/api/problem";
import type { CreatedWebhook, Webhook } from "@/api/types";
import {
  removeWebhook,
  replaceWebhookSecret,
  testWebhook,
  updateWebhook,
  useWebhookChange,
  useWebhooks,
} from "@/api/webhooks";
import { t } from "@/i18n";
import { ta } from "@/i18n/en-api";
import { formatTime } from "@/i18n/units";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy-button";
import { Dialog } from "@/ui/dialog";
import { ProblemView } from "@/ui/problem-view";
import { Deliveries } from "./deliveries";
import { WebhookForm } from "./webhook-form";

/** Programs elsewhere that are told what becomes of runs; private networks are for administrators. */
export function Webhooks({ mayUsePrivate }: { mayUsePrivate: boolean }) {
  const { data, error } = useWebhooks();
  const [made, setMade] = useState<CreatedWebhook | null>(null);
  return (
    <div className="flex flex-col gap-3">
      <p className="text-12 text-text-3">{ta("webhooksHelp")}</p>
      {error && <ProblemView problem={toProblem(error)} />}
      {data?.items.map((webhook) => (
        <WebhookCard key={webhook.id} webhook={webhook} onSecret={setMade} />
      ))}
      {made && <NewSecret secret={made.secret} onSeen={() => setMade(null)} />}
      <WebhookForm mayUsePrivate={mayUsePrivate} onMade={setMade} />
    </div>
  );
}

/** A secret, shown once. */
function NewSecret({ secret, onSeen }: { secret: string; onSeen: () => void }) {
  return (
    <div role="status" className="flex flex-col gap-2 rounded-panel border border-line-strong p-3">
      <p>{ta("secret")}</p>
      <div className="flex items-center gap-2">
        <code className="min-w-0 break-all font-mono text-12">{secret}</code>
        <CopyButton text={() => secret} />
      </div>
      <div>
        <Button onClick={onSeen}>{ta("secretSeen")}</Button>
      </div>
    </div>
  );
}

interface WebhookCardProps {
  webhook: Webhook;
  /** It has another secret. */
  onSecret: (made: CreatedWebhook) => void;
}

function WebhookCard({ webhook, onSecret }: WebhookCardProps) {
  const { id, url, enabled } = webhook;
  const [removing, setRemoving] = useState(false);
  const test = useWebhookChange(() => testWebhook(id));
  const turn = useWebhookChange(() => updateWebhook(id, { enabled: !enabled }));
  const remove = useWebhookChange(() => removeWebhook(id));
  const replace = useWebhookChange(() => replaceWebhookSecret(id));
  const error = test.error ?? turn.error ?? remove.error ?? replace.error;
  return (
    <section aria-label={url} className="flex flex-col gap-2 rounded-panel border border-line p-3">
      <div className="flex items-center gap-2">
        <span className="min-w-0 break-all font-mono text-12">{url}</span>
        {!enabled && <Badge>{ta("off")}</Badge>}
      </div>
      {webhook.earlier_secret_until != null && (
        <p className="text-12 text-text-3">
          {ta("earlierSecret", { when: formatTime(webhook.earlier_secret_until) })}
        </p>
      )}
      <p className="text-12 text-text-3">{webhook.events.map((event) => ta(event)).join(" · ")}</p>
      {error && <ProblemView problem={toProblem(error)} />}
      <div className="flex flex-wrap gap-2">
        <Button disabled={test.isPending} onClick={() => test.mutate(undefined)}>
          {ta("test")}
        </Button>
        <Button disabled={turn.isPending} onClick={() => turn.mutate(undefined)}>
          {ta(enabled ? "turnOff" : "turnOn")}
        </Button>
        <Button
          disabled={replace.isPending}
          onClick={() => replace.mutate(undefined, { onSuccess: onSecret })}
        >
          {ta("newSecret")}
        </Button>
        <Button kind="danger" onClick={() => setRemoving(true)}>
          {ta("remove")}
        </Button>
      </div>
      <Deliveries webhookId={id} enabled={enabled} />
      {removing && (
        <Dialog
          open
          onOpenChange={(open) => !open && setRemoving(false)}
          title={ta("removeTitle")}
          description={ta("removeHelp", { url })}
        >
          <div className="flex justify-end gap-2">
            <Button onClick={() => setRemoving(false)}>{t("action.cancel")}</Button>
            <Button kind="danger" disabled={remove.isPending} onClick={() => remove.mutate(undefined)}>
              {ta("remove")}
            </Button>
          </div>
        </Dialog>
      )}
    </section>
  );
}
