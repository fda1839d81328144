import { type KeyboardEvent, useState } from "react";
import { tk } from "@/i18n/en-actions";
import { ACTION_IDS, type ActionId, definitionOf } from "@/ui/actions/definitions";
import { strokeOf } from "@/ui/actions/keys";
import { chooseKeys, useKeys } from "@/ui/actions/registry";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Glyph } from "@/ui/glyph";
import { KeyCaps } from "@/ui/key-caps";

const GROUPS = ["general", "conversation", "panel", "appearance"] as const;

/** All actions with their keys, which can be changed. */
export default function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const keys = useKeys();
  const [lost, setLost] = useState<ActionId | null>(null);
  const choose = (id: ActionId, stroke: string) => {
    setLost(ACTION_IDS.find((other) => other !== id && stroke !== "" && keys(other) === stroke) ?? null);
    chooseKeys(id, stroke);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={tk("shortcuts.show")}
      description={tk("help")}
    >
      <p role="status" className={lost ? "text-waiting" : "sr-only"}>
        {lost && (
          <>
            <Glyph of="triangle" /> {tk("lost", { action: tk(lost) })}
          </>
        )}
      </p>
      {GROUPS.map((group) => (
        <section key={group}>
          <h3 className="pb-1 text-12 font-medium text-text-3">{tk(`group.${group}`)}</h3>
          <ul>
            {ACTION_IDS.filter((id) => definitionOf(id).group === group).map((id) => (
              <Row key={id} id={id} onChoose={(stroke) => choose(id, stroke)} />
            ))}
          </ul>
        </section>
      ))}
      <Button className="self-start" onClick={resetKeys}>
        {tk("reset")}
      </Button>
    </Dialog>
  );
}

function resetKeys(): void {
  for (const id of ACTION_IDS) chooseKeys(id, null);
}

function Row({ id, onChoose }: { id: ActionId; onChoose: (stroke: string) => void }) {
  const keys = useKeys()(id);
  const [asking, setAsking] = useState(false);
  const { slash } = definitionOf(id);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!asking || event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return setAsking(false);
    const stroke = event.key === "Backspace" ? "" : strokeOf(event.nativeEvent);
    if (stroke === null) return;
    onChoose(stroke);
    setAsking(false);
  };
  return (
    <li className="flex min-h-7 items-center gap-2">
      <span className="min-w-0 flex-1">
        {tk(id)}
        {slash && <span className="pl-2 font-mono text-12 text-text-3">/{slash}</span>}
      </span>
      <button
        type="button"
        onClick={() => setAsking(!asking)}
        onBlur={() => setAsking(false)}
        onKeyDown={onKeyDown}
        className="min-h-6 min-w-6 rounded-control px-1 text-12 text-text-3 hover:bg-hover"
      >
        <span className="sr-only">{tk("change", { action: tk(id) })} </span>
        {asking ? tk("press") : keys === "" ? tk("none") : <KeyCaps keys={keys} />}
      </button>
    </li>
  );
}
