import { useState } from "react";
import { tp } from "@/i18n/en-appearance";
import { Button } from "@/ui/button";
import { NOTICE_KINDS } from "./notices";
import { type Preference, setPreference, usePreferences } from "./preferences";
import { playSound } from "./sound";
import { askPermission, systemState } from "./system";

/** What the person is told of, and how. */
export function NotificationSettings() {
  return (
    <>
      <fieldset className="flex flex-col gap-1">
        <legend className="pb-1 text-12 text-text-3">{tp("notify.when")}</legend>
        {NOTICE_KINDS.map((kind) => (
          <Toggle key={kind} name={kind} onChange={(wanted) => setPreference(kind, wanted)} />
        ))}
      </fieldset>
      <fieldset className="flex flex-col gap-1">
        <legend className="pb-1 text-12 text-text-3">{tp("notify.how")}</legend>
        <Toggle
          name="sound"
          onChange={(wanted) => {
            setPreference("sound", wanted);
            if (wanted) playSound("done");
          }}
        />
        <SystemChannel />
      </fieldset>
    </>
  );
}

/** Asks for permission only when the person wants these; says what is in the way. */
function SystemChannel() {
  const [state, setState] = useState(systemState);
  const wanted = usePreferences().system;
  if (state !== "granted" && state !== "default") {
    return <p className="text-12 text-text-3">{tp(`notify.${state}`)}</p>;
  }
  if (state === "granted") {
    return <Toggle name="system" onChange={(next) => setPreference("system", next)} />;
  }
  const allow = () =>
    void askPermission().then((answer) => {
      setState(answer);
      setPreference("system", answer === "granted");
    });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button onClick={allow}>{tp("notify.allow")}</Button>
      {wanted && <span className="text-12 text-text-3">{tp("notify.ask")}</span>}
    </div>
  );
}

function Toggle({ name, onChange }: { name: Preference; onChange: (wanted: boolean) => void }) {
  const checked = usePreferences()[name];
  return (
    <label className="tap flex items-center gap-2">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      {tp(`notify.${name}`)}
    </label>
  );
}
