import type { FileText } from "@/api/types";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { nameOf } from "./paths";
import { tf } from "./words";

/** Characters of the other version that are shown. */
const SHOWN = 20_000;

interface ConflictDialogProps {
  path: string;
  /** What is there now; null when it is gone. */
  current: FileText | null;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
  onClose: () => void;
}

/** Somebody else saved first: says so, shows what, and lets the person decide. */
export function ConflictDialog({ path, current, onKeepMine, onTakeTheirs, onClose }: ConflictDialogProps) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={tf("conflictTitle")}
      description={tf("conflictHelp", { name: nameOf(path) })}
    >
      {current ? (
        <>
          <h3 className="text-12 font-medium text-text-2">{tf("conflictTheirs")}</h3>
          <pre
            data-testid="conflict-theirs"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
            tabIndex={0}
            className="max-h-[36dvh] overflow-auto rounded-control bg-sunken p-2 font-mono text-12"
          >
            {current.text.slice(0, SHOWN)}
          </pre>
        </>
      ) : (
        <p className="text-text-2">{tf("conflictGone")}</p>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{tf("conflictGoOn")}</Button>
        {current && <Button onClick={onTakeTheirs}>{tf("conflictTakeTheirs")}</Button>}
        <Button kind="danger" onClick={onKeepMine}>
          {tf("conflictKeepMine")}
        </Button>
      </div>
    </Dialog>
  );
}
