import type { ReactNode } from "react";
import type { Instance, InstanceEnvironment } from "@/api/types";
import { ts } from "@/i18n/en-setup";
import { formatBytes, formatTime } from "@/i18n/units";
import { Glyph } from "@/ui/glyph";

interface EnvironmentProps {
  instance: Instance;
  environment: InstanceEnvironment | undefined;
}

/** Whether there is a sandbox to work in, and what kind of one; else why not, and what to do. */
export function SandboxState({ instance, environment }: EnvironmentProps) {
  const { workspace, warning, confinement } = instance.sandbox;
  const reach = environment?.sandbox;
  const attached = reach?.attached ?? instance.sandbox.attached;
  const problem = attached ? null : reach?.problem;
  return (
    <>
      <div
        role="status"
        data-testid="setup-sandbox"
        data-attached={attached}
        className="flex flex-col gap-1.5"
      >
        <p>
          {attached ? ts("sandboxReady", { workspace }) : ts("sandboxMissing")}
          {attached && confinement && ` (${ts(`confinement.${confinement}`)})`}
        </p>
        {problem && (
          <>
            <p>
              {problem.detail} {reach && ts("since", { time: formatTime(reach.since) })}
            </p>
            <p className="font-medium text-text">{problem.hint}</p>
          </>
        )}
      </div>
      {warning && <Warning>{warning}</Warning>}
      {environment?.disks
        .filter((disk) => disk.is_low)
        .map(({ purpose, path, free_bytes, total_bytes }) => (
          <Warning key={purpose}>
            {ts(`disk.${purpose}`)}: {freeOf(free_bytes, total_bytes)}. {ts("diskLow", { path })}
          </Warning>
        ))}
    </>
  );
}

/** The particulars: which instance, from what image, on which ports and disks. */
export function EnvironmentTable({ environment }: { environment: InstanceEnvironment }) {
  const { number, version, image, ports, disks, sandbox } = environment;
  const isContainer = (sandbox.confinement ?? "container") === "container";
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-13">
      <Line label={ts("instance")}>{ts("instanceIs", { number: String(number), version })}</Line>
      {(image || !isContainer) && (
        <Line label={ts("image")}>
          {image ? <span className="font-mono break-all">{image}</span> : ts("noImage")}
        </Line>
      )}
      {ports.map(({ purpose, port, usual }) => (
        <Line key={purpose} label={ts(`port.${purpose}`)}>
          {port === usual ? String(port) : ts("portMoved", { port: String(port), usual: String(usual) })}
        </Line>
      ))}
      {disks.map(({ purpose, path, total_bytes, free_bytes }) => (
        <Line key={purpose} label={ts(`disk.${purpose}`)}>
          {freeOf(free_bytes, total_bytes)} <span className="font-mono break-all text-text-3">{path}</span>
        </Line>
      ))}
    </dl>
  );
}

const freeOf = (free: number, total: number) =>
  ts("diskFree", { free: formatBytes(free), total: formatBytes(total) });

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-text-3">{label}</dt>
      <dd className="text-text-2">{children}</dd>
    </>
  );
}

function Warning({ children }: { children: ReactNode }) {
  return (
    <p className="flex gap-2 text-text">
      <Glyph of="triangle" className="mt-1 text-waiting" />
      <span>{children}</span>
    </p>
  );
}
