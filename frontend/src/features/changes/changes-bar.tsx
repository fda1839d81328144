import { RefreshCw, RotateCcw } from "lucide-react";
import { tc } from "@/i18n/en-changes";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icon";
import type { Scope } from "./use-changes";

interface ChangesBarProps {
  scope: Scope;
  onScope: (scope: Scope) => void;
  total: number;
  split: boolean;
  onSplit: (split: boolean) => void;
  whitespace: boolean;
  onWhitespace: (whitespace: boolean) => void;
  /** Whether the agent is at work. */
  busy: boolean;
  /** Looks again; null where changes are noticed. */
  onRefresh: (() => void) | null;
  /** Undoes everything that is shown; null while that is not possible. */
  onRestore: (() => void) | null;
}

/** What is shown of the changes, and how. */
export function ChangesBar(props: ChangesBarProps) {
  const { scope, onScope, total, split, onSplit, whitespace, onWhitespace, busy, onRefresh, onRestore } =
    props;
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-1.5 border-b border-line px-2 py-1.5 text-12">
      <fieldset aria-label={tc("scope")} className="flex">
        {(["turn", "all", "uncommitted"] as const).map((one) => (
          <Button
            key={one}
            kind={scope === one ? "secondary" : "quiet"}
            aria-pressed={scope === one}
            onClick={() => onScope(one)}
          >
            {tc(`scope.${one}`)}
          </Button>
        ))}
      </fieldset>
      {total > 0 && <span className="text-text-3 max-md:hidden">{tc("files", { n: total })}</span>}
      {/* Where the bar is too narrow, these stand in a line of their own. */}
      <div className="ml-auto flex items-center gap-2">
        <label className="flex items-center gap-1.5 text-text-2 max-md:hidden">
          <input type="checkbox" checked={split} onChange={(event) => onSplit(event.target.checked)} />
          {tc("split")}
        </label>
        <label className="flex items-center gap-1.5 text-text-2">
          <input
            type="checkbox"
            checked={whitespace}
            onChange={(event) => onWhitespace(event.target.checked)}
          />
          {tc("whitespace")}
        </label>
        {onRefresh ? (
          <Button icon={<Icon of={RefreshCw} />} data-testid="look-again" onClick={onRefresh}>
            {tc("refresh")}
          </Button>
        ) : (
          <Button
            icon={<Icon of={RotateCcw} />}
            disabled={onRestore === null}
            title={busy ? tc("busy") : undefined}
            data-testid="restore"
            onClick={() => onRestore?.()}
          >
            {tc("restore")}
          </Button>
        )}
      </div>
    </div>
  );
}
