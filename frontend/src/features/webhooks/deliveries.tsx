import { toProblem } from "@/api/problem";
import type { WebhookDelivery } from "@/api/types";
import { retryDelivery, useDeliveries, useWebhookChange } from "@/api/webhooks";
import { ta } from "@/i18n/en-api";
import { formatTime } from "@/i18n/units";
import { Button } from "@/ui/button";
import { ProblemView } from "@/ui/problem-view";

/** What a webhook was told last, and what became of it. */
export function Deliveries({ webhookId, enabled }: { webhookId: string; enabled: boolean }) {
  const { data, error } = useDeliveries(webhookId);
  const again = useWebhookChange((delivery: string) => retryDelivery(webhookId, delivery));
  const problem = error ?? again.error;
  return (
    <details>
      <summary className="cursor-pointer text-12 text-text-2">{ta("deliveries")}</summary>
      {problem && <ProblemView problem={toProblem(problem)} />}
      {data?.items.length === 0 && <p className="pt-1 text-12 text-text-3">{ta("noDeliveries")}</p>}
      <ul className="flex flex-col gap-1 pt-1">
        {data?.items.map((delivery) => (
          <li key={delivery.id} className="flex items-center gap-2 text-12">
            <time className="text-text-3">{formatTime(delivery.created_at)}</time>
            <span className="min-w-0 flex-1">{outcome(delivery)}</span>
            {enabled && delivery.state === "failed" && (
              <Button disabled={again.isPending} onClick={() => again.mutate(delivery.id)}>
                {ta("again")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What it told and how far it has come, in one line. */
function outcome({ event, state, attempts, error }: WebhookDelivery): string {
  const line = `${ta(event)}: ${ta(`state.${state}`)}, ${ta("attempts", { n: attempts })}`;
  return error ? `${line} (${error})` : line;
}
