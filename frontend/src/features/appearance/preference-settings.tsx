import { useId } from "react";
import { tp } from "@/i18n/en-appearance";
import {
  PREFERENCE_NAMES,
  PREFERENCES,
  type Preference,
  type Preferred,
  prefer,
  usePreference,
} from "@/ui/preferences";

/** How the page behaves in this browser; each choice holds at once. */
export function PreferenceSettings() {
  return PREFERENCE_NAMES.map((name) => <Selection key={name} name={name} />);
}

function Selection<Of extends Preference>({ name }: { name: Of }) {
  const id = useId();
  const value = usePreference(name);
  const options: readonly Preferred<Preference>[] = PREFERENCES[name];
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {tp(name)}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => prefer(name, event.target.value as Preferred<Of>)}
        className="tap rounded-control border border-line-strong bg-surface px-2"
      >
        {options.map((option) => (
          <option key={option} value={option}>
            {tp(`${name}.${option}` as Parameters<typeof tp>[0])}
          </option>
        ))}
      </select>
    </div>
  );
}
