import { useRotateSecretKey, useSecretKey } from "@/api/data";
import { toProblem } from "@/api/problem";
import { td } from "@/i18n/en-data";
import { Button } from "@/ui/button";
import { ProblemView } from "@/ui/problem-view";

/** Where the key is that secrets are encrypted with, and replacing it; `owner` for whoever runs the instance. */
export function SecretKey({ owner }: { owner: boolean }) {
  const { data, error } = useSecretKey();
  const rotate = useRotateSecretKey();
  const failure = error ?? rotate.error;
  return (
    <div className="flex flex-col gap-2">
      <p className="text-12 text-text-3">{td("keyHelp")}</p>
      {data && <p className="text-text-2">{td(`place.${data.place}`)}</p>}
      {data?.rotation_pending && <p role="status">{td("pending")}</p>}
      {failure && <ProblemView problem={toProblem(failure)} />}
      {owner && data?.place === "data_directory" && !data.rotation_pending && (
        <div>
          <Button disabled={rotate.isPending} onClick={() => rotate.mutate()}>
            {td("rotate")}
          </Button>
        </div>
      )}
    </div>
  );
}
