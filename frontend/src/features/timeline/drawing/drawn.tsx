import { lazy, type ReactNode, Suspense } from "react";
import type { Drawing } from "./kinds";

export interface DrawnProps {
  text: string;
  /** Shown while it is not drawn, and where it cannot be. */
  otherwise: ReactNode;
  /** Whether it stands in a line of text. */
  inline?: boolean;
}

/** Both are large and only wanted where somebody has asked for pictures. */
const KINDS = {
  formula: lazy(() => import("./formula")),
  diagram: lazy(() => import("./diagram")),
};

/** A text as the picture that it describes. */
export function Drawn({ kind, ...props }: DrawnProps & { kind: Drawing }) {
  const Kind = KINDS[kind];
  return (
    <Suspense fallback={props.otherwise}>
      <Kind {...props} />
    </Suspense>
  );
}
