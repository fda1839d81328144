import { type ReactNode, Suspense } from "react";
import type { ToolPart } from "@/api/types";
import { t } from "@/i18n";
import { readArguments, text } from "@/ui/call/arguments";
import { readDiff } from "@/ui/call/diff-data";
import { DiffView } from "@/ui/call/diff-view";
import { FileLink } from "@/ui/file-link";
import { Glyph } from "@/ui/glyph";
import { lazyPart } from "@/ui/lazy-part";
import { PlanList } from "@/ui/plan-list";
import type { Family } from "./describe";
import { isUnderWay } from "./describe";
import { LongText } from "./long-text";
import { Pictures } from "./pictures";
import { readPlan } from "./plan-data";
import { Sources } from "./sources";
import { StopCall } from "./stop-call";
import { SubagentDetails } from "./subagent-details";
import { sourcesOf } from "./web-data";

const ReadDetails = lazyPart(() => import("./read-details"), { name: "ReadDetails" });
const FoundFiles = lazyPart(() => import("./found-files"), { name: "FoundFiles" });

/** What is behind a tool's line. */
export function ToolDetails({ tool, family }: { tool: ToolPart; family: Family }) {
  const diff = family === "edit" ? readDiff(tool.data) : null;
  if (diff && diff.hunks.length > 0) {
    return (
      <>
        {diff.corrected && <Note>{t("tool.corrected")}</Note>}
        {diff.path !== "" && <FileLink path={diff.path} />}
        <DiffView diff={diff} />
      </>
    );
  }
  const plan = family === "plan" ? readPlan(tool.data) : null;
  if (plan) return <PlanList plan={plan} />;
  if (family === "subagent") return <SubagentDetails tool={tool} />;
  const sources = family === "web" ? sourcesOf(tool) : [];
  const quiet = tool.status === "ok" && ["read", "search", "list", "desktop"].includes(family);
  return (
    <>
      <Suspense>
        {family === "read" && <ReadDetails tool={tool} />}
        {family === "search" && <FoundFiles tool={tool} />}
      </Suspense>
      {sources.length > 0 && <Sources sources={sources} />}
      {tool.images && <Pictures images={tool.images} />}
      {!quiet && <Section title={t("tool.arguments")}>{argumentsText(tool)}</Section>}
      {tool.status === "running" && (
        <div>
          <StopCall callId={tool.call_id} label={t("tool.stop")} kind="quiet" />
        </div>
      )}
      {tool.result != null && <Section title={t("tool.result")}>{tool.result}</Section>}
    </>
  );
}

/** Arguments as readable text: a file's content as such, everything else as indented JSON. */
function argumentsText(tool: ToolPart): string {
  const given = readArguments(tool.arguments);
  if (tool.name === "write_file" && isUnderWay(tool)) return text(given, "content");
  try {
    return JSON.stringify(JSON.parse(tool.arguments), null, 2);
  } catch {
    return tool.arguments;
  }
}

function Section({ title, children }: { title: string; children: string }) {
  if (children === "") return null;
  return (
    <section aria-label={title} className="min-w-0">
      <h4 className="pb-0.5 text-11 text-text-3">{title}</h4>
      <LongText text={children} />
    </section>
  );
}

function Note({ children }: { children: ReactNode }) {
  return (
    <p data-testid="tool-corrected" className="text-12 text-text-2">
      <Glyph of="upAndDown" className="mr-1 text-waiting" />
      {children}
    </p>
  );
}
