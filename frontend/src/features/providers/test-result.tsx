import type { ProviderTestResult } from "@/api/types";
import { tv } from "@/i18n/en-providers";
import { formatDuration } from "@/i18n/units";
import { Glyph } from "@/ui/glyph";
import { ProblemView } from "@/ui/problem-view";

/** What a test call showed. */
export function TestResult({ result }: { result: ProviderTestResult }) {
  if (result.type === "fails") {
    return (
      <div data-testid="provider-test-result" data-result="fails">
        <ProblemView problem={result.problem} detailed />
      </div>
    );
  }
  return (
    <div
      role="status"
      data-testid="provider-test-result"
      data-result="works"
      className={`rounded-card border px-3 py-2 ${result.calls_tools ? "border-ok" : "border-waiting"}`}
    >
      <p>
        <Glyph of="check" className="mr-1.5 text-ok" />
        {tv("provider.works", { model: result.model, latency: formatDuration(result.latency_ms) })}
      </p>
      <p className="text-text-2">
        <Glyph
          of={result.calls_tools ? "check" : "triangle"}
          className={`mr-1.5 ${result.calls_tools ? "text-ok" : "text-waiting"}`}
        />
        {tv(result.calls_tools ? "provider.callsTools" : "provider.noTools")}
      </p>
    </div>
  );
}
