import { useId } from "react";
import { tp } from "@/i18n/en-appearance";
import { LANGUAGES, type Locale, locale, storeLocale } from "@/i18n/locale";
import { APPEARANCE, ASPECTS, type Aspect, type Choice, choose, useAppearance } from "@/ui/appearance";
import { PreferenceSettings } from "./preference-settings";

/** How the page looks in this browser; each choice holds at once. */
export function AppearanceSettings() {
  return (
    <>
      <p className="text-12 text-text-3">{tp("help")}</p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Language />
        {ASPECTS.map((aspect) => (
          <Selection key={aspect} aspect={aspect} />
        ))}
        <PreferenceSettings />
      </div>
    </>
  );
}

/** Every language by its own name; another one takes a new start of the page, which keeps what is being written. */
function Language() {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {tp("language")}
      </label>
      <select
        id={id}
        value={locale()}
        onChange={(event) => {
          storeLocale(event.target.value as Locale);
          location.reload();
        }}
        className="tap rounded-control border border-line-strong bg-surface px-2"
      >
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

function Selection<Of extends Aspect>({ aspect }: { aspect: Of }) {
  const id = useId();
  const value = useAppearance()[aspect];
  const options: readonly Choice<Aspect>[] = APPEARANCE[aspect];
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {tp(aspect)}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => choose(aspect, event.target.value as Choice<Of>)}
        className="tap rounded-control border border-line-strong bg-surface px-2"
      >
        {options.map((option) => (
          <option key={option} value={option}>
            {tp(`${aspect}.${option}` as Parameters<typeof tp>[0])}
          </option>
        ))}
      </select>
    </div>
  );
}
