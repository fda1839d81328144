import { useQuery } from "@tanstack/react-query";
import { getSandboxUsage } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { useWorkspaces } from "@/api/workspaces";
import { tb } from "@/i18n/en-sandbox";
import { formatBytes } from "@/i18n/units";

/** How often the figures are fetched while they are looked at; nothing is measured otherwise. */
const INTERVAL_MS = 2_000;
/** Part of a limit from which on it is shown as almost reached. */
const NEAR = 0.9;

/** What the sandbox uses at the moment. */
export function SandboxUsage() {
  const { data, error } = useQuery({
    queryKey: ["sandbox-usage"],
    queryFn: getSandboxUsage,
    refetchInterval: INTERVAL_MS,
    staleTime: 0,
    retry: false,
  });
  const names = useWorkspaces().data?.items ?? [];
  const nameOf = (id: string) => names.find((workspace) => workspace.id === id)?.name || id;
  if (!data) {
    return <p className="text-12 text-text-3">{error ? toProblem(error).title : tb("measuring")}</p>;
  }
  return (
    <dl data-testid="sandbox-usage" className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-13">
      <Figure label={tb("cpu")} value={`${Math.round(data.cpu_percent)} %`} />
      <Figure
        label={tb("memory")}
        value={formatBytes(data.memory_bytes)}
        limit={data.memory_limit && formatBytes(data.memory_limit)}
        isNear={isNear(data.memory_bytes, data.memory_limit)}
      />
      <Figure
        label={tb("processes")}
        value={String(data.processes)}
        limit={data.processes_limit && String(data.processes_limit)}
        isNear={isNear(data.processes, data.processes_limit)}
      />
      <Figure
        label={tb("workspace")}
        value={formatBytes(data.workspace_bytes)}
        limit={data.workspace_limit && formatBytes(data.workspace_limit)}
        isNear={isNear(data.workspace_bytes, data.workspace_limit)}
      />
      {data.further_workspaces?.map(({ id, bytes }) => (
        <Figure
          key={id}
          label={tb("workspaceOf", { name: nameOf(id) })}
          value={formatBytes(bytes)}
          limit={data.workspace_limit && formatBytes(data.workspace_limit)}
          isNear={isNear(bytes, data.workspace_limit)}
        />
      ))}
      {(data.all_workspaces_bytes ?? 0) > data.workspace_bytes && (
        <Figure label={tb("workspaces")} value={formatBytes(data.all_workspaces_bytes ?? 0)} />
      )}
      {data.out_of_memory_kills > 0 && (
        <Figure label={tb("kills")} value={String(data.out_of_memory_kills)} isNear />
      )}
    </dl>
  );
}

function isNear(used: number, limit: number | null | undefined): boolean {
  return limit != null && used >= limit * NEAR;
}

interface FigureProps {
  label: string;
  value: string;
  limit?: string | number | null;
  isNear?: boolean;
}

function Figure({ label, value, limit, isNear }: FigureProps) {
  return (
    <>
      <dt className="text-text-2">{label}</dt>
      <dd className={isNear ? "font-medium text-error" : undefined}>
        {limit ? tb("of", { value, limit }) : value}
      </dd>
    </>
  );
}
