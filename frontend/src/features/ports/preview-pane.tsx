import { useQuery } from "@tanstack/react-query";
import { ExternalLink, RotateCw } from "lucide-react";
import { type FormEvent, useState } from "react";
import { API_BASE } from "@/api/client";
import { openPreviewFrame } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { useInstance } from "@/api/queries";
import { t } from "@/i18n";
import { randomId } from "@/platform/random-id";
import { Button, IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { ProblemView } from "@/ui/problem-view";
import { useStored } from "@/ui/use-stored";

/** Widths that a page can be tried at, in CSS pixels; null for the pane's. */
const WIDTHS: Record<string, number | null> = { full: null, tablet: 768, phone: 390 };

/** What is looked at, as the page's address has it. */
export interface Visit {
  port: number | null;
  path: string;
  onVisit: (port: number | null, path: string) => void;
}

/** What the agent's programs serve, as a page beside the conversation. */
export default function PreviewPane({ port: asked, path, onVisit }: Visit) {
  const ports = useInstance().data?.sandbox.ports ?? [];
  const [stored, setStored] = useStored("slipway.previewPort");
  const chosen = asked === null ? stored : String(asked);
  const setChosen = (next: string | null) => {
    setStored(next);
    onVisit(next === null ? null : Number(next), "/");
  };
  const wanted = Number(chosen);
  const port = ports.find((one) => one.port === wanted)?.port ?? (chosen ? null : (ports[0]?.port ?? null));
  if (ports.length === 0 && !chosen) return <Nothing>{t("ports.empty")}</Nothing>;
  return (
    <section aria-label={t("panel.ports")} data-testid="panel-ports" className="flex h-full flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-2 py-1">
        <fieldset aria-label={t("ports.which")} className="flex flex-wrap">
          {ports.map((one) => (
            <Button
              key={one.port}
              kind={one.port === port ? "secondary" : "quiet"}
              aria-pressed={one.port === port}
              title={one.process_id ? `${one.process_id} · ${one.command}` : one.command}
              onClick={() => setChosen(String(one.port))}
            >
              {one.port}
            </Button>
          ))}
        </fieldset>
      </div>
      {port === null ? (
        <div role="status" className="flex flex-1 flex-col items-center justify-center gap-2 p-6 text-center">
          <p>{t("ports.gone", { port: String(wanted) })}</p>
          <p className="text-text-2">{t("ports.goneHelp")}</p>
          {ports.length === 0 && <Button onClick={() => setChosen(null)}>{t("action.close")}</Button>}
        </div>
      ) : (
        <Preview key={port} port={port} path={path} onPath={(next) => onVisit(port, next)} />
      )}
    </section>
  );
}

/** One port's pages. */
function Preview({ port, path, onPath }: { port: number; path: string; onPath: (path: string) => void }) {
  const [visit, setVisit] = useState(randomId);
  const [typed, setTyped] = useState(path);
  const [width, setWidth] = useStored("slipway.previewWidth");
  const { data, error, refetch } = useQuery({
    // The address is good once: every visit has its own.
    queryKey: ["preview", port, visit],
    queryFn: () => openPreviewFrame(port),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const go = (event: FormEvent) => {
    event.preventDefault();
    const next = typed.startsWith("/") ? typed : `/${typed}`;
    setTyped(next);
    onPath(next);
    setVisit(randomId());
  };
  return (
    <>
      <form onSubmit={go} className="flex shrink-0 items-center gap-1 border-b border-line px-2 py-1">
        <IconButton label={t("ports.reload")} onClick={() => setVisit(randomId())}>
          <Icon of={RotateCw} />
        </IconButton>
        <input
          aria-label={t("ports.path")}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          className="h-7 min-w-0 flex-1 rounded-control border border-line-strong bg-surface px-2 font-mono text-12 pointer-coarse:h-11 pointer-coarse:text-[16px]"
        />
        <select
          aria-label={t("ports.width")}
          value={width && width in WIDTHS ? width : "full"}
          onChange={(event) => setWidth(event.target.value === "full" ? null : event.target.value)}
          className="h-7 rounded-control border border-line-strong bg-surface px-1 text-12 pointer-coarse:h-11"
        >
          <option value="full">{t("ports.widthFull")}</option>
          <option value="tablet">768 px</option>
          <option value="phone">390 px</option>
        </select>
        <a
          href={`${API_BASE}/ports/${port}/preview`}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={t("ports.open", { port: String(port) })}
          title={t("ports.open", { port: String(port) })}
          className="inline-flex size-7 items-center justify-center rounded-control text-text-2 hover:bg-hover hover:text-text pointer-coarse:size-11"
        >
          <Icon of={ExternalLink} />
        </a>
      </form>
      {error && (
        <div className="p-3">
          <ProblemView
            problem={toProblem(error)}
            actions={<Button onClick={() => void refetch()}>{t("action.retry")}</Button>}
          />
        </div>
      )}
      {!isHere() && !error && (
        <p className="bg-sunken px-3 py-1 text-12 text-text-2">{t("ports.elsewhere")}</p>
      )}
      {!error && (
        <div className="relative min-h-0 flex-1 overflow-x-auto bg-sunken">
          {data && (
            <Frame
              key={visit}
              entrance={data.address}
              path={path}
              label={t("ports.frame", { port: String(port) })}
              width={WIDTHS[width ?? "full"] ?? null}
            />
          )}
          {!data && <Starting />}
        </div>
      )}
    </>
  );
}

interface FrameProps {
  /** Lets in, once, and leads to the first page. */
  entrance: string;
  path: string;
  label: string;
  width: number | null;
}

/** The page, on a host name of its own, which can do nothing to this one. */
function Frame({ entrance, path, label, width }: FrameProps) {
  const [address, setAddress] = useState(entrance);
  const [loaded, setLoaded] = useState(false);
  const onLoad = () => {
    // The frame has its cookie now, so that every path is open to it.
    const wanted = path === "/" ? address : new URL(path, entrance).href;
    if (address === wanted) setLoaded(true);
    else setAddress(wanted);
  };
  return (
    <>
      <iframe
        src={address}
        title={label}
        data-testid="preview-frame"
        data-loaded={loaded}
        onLoad={onLoad}
        // Everything that a page needs but to replace this one.
        sandbox="allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-downloads"
        referrerPolicy="no-referrer"
        className="mx-auto block h-full bg-white"
        style={{ width: width ?? "100%" }}
      />
      {!loaded && <Starting />}
    </>
  );
}

function Starting() {
  return (
    <p role="status" className="absolute inset-0 flex items-center justify-center bg-sunken text-text-2">
      {t("ports.starting")}
    </p>
  );
}

/** Whether the browser is on the machine that previews are for. */
const isHere = (): boolean =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|.*\.localhost)$/.test(location.hostname);

function Nothing({ children }: { children: string }) {
  return (
    <section aria-label={t("panel.ports")} data-testid="panel-ports" className="h-full p-3">
      <p className="text-12 text-text-3">{children}</p>
    </section>
  );
}
