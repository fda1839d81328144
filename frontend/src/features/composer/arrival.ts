import { useState } from "react";

/** What had the focus when the page that asks was first shown. The field of its composer takes the focus from there only. */
export function useArrival(): Element {
  const [arrival] = useState(() => document.activeElement ?? document.body);
  return arrival;
}
