import { keysInWords } from "./actions/keys";

/** Keys as they look on a keyboard. */
export function KeyCaps({ keys }: { keys: string }) {
  if (keys === "") return null;
  return (
    <span className="flex shrink-0 gap-1.5 text-11 text-text-3">
      {keysInWords(keys).map((stroke, index) => (
        // A stroke may come twice.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <span key={index} className="flex gap-0.5">
          {stroke.map((key) => (
            <kbd key={key} className="rounded-control border border-line bg-sunken px-1 text-text-2">
              {key}
            </kbd>
          ))}
        </span>
      ))}
    </span>
  );
}
