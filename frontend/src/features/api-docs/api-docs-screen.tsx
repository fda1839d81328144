import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { API_BASE } from "@/api/client";
import { toProblem } from "@/api/problem";
import { ta } from "@/i18n/en-api";
import { DrawerButton } from "@/ui/drawer";
import { TextField } from "@/ui/field";
import { ProblemView } from "@/ui/problem-view";
import { type ApiDocument, byTag } from "./document";
import { OperationView } from "./operation-view";

const ADDRESS = `${API_BASE}/openapi.json`;

async function getDocument(): Promise<ApiDocument> {
  const answer = await fetch(ADDRESS);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}

/** The reference of the HTTP API, made from what the gateway itself tells of it. */
export function ApiDocsScreen() {
  const { data, error } = useQuery({ queryKey: ["openapi"], queryFn: getDocument });
  const [wanted, setWanted] = useState("");
  const groups = data ? byTag(data, wanted) : [];
  return (
    <main data-testid="api-docs" className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-[860px] flex-col gap-6 px-4 py-6">
        <header className="flex items-center gap-2">
          <DrawerButton />
          <h1 className="text-18 font-semibold">{ta("referenceTitle")}</h1>
        </header>
        {error && <ProblemView problem={toProblem(error)} />}
        {!data && !error && <p className="text-text-3">{ta("loading")}</p>}
        {data && (
          <>
            <p className="text-text-2">{data.info.description}</p>
            <p>
              <a className="text-accent underline" href={ADDRESS} download="slipway-openapi.json">
                {ta("download")}
              </a>
            </p>
            <TextField
              label={ta("filter")}
              type="search"
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
            />
            {groups.length === 0 && <p className="text-text-3">{ta("noneFound")}</p>}
            {groups.map(([tag, operations]) => (
              <section key={tag} className="flex flex-col gap-1">
                <h2 className="text-15 font-semibold">{tag}</h2>
                {operations.map((operation) => (
                  <OperationView
                    key={operation.operationId}
                    operation={operation}
                    schemas={data.components?.schemas ?? {}}
                  />
                ))}
              </section>
            ))}
          </>
        )}
      </div>
    </main>
  );
}
