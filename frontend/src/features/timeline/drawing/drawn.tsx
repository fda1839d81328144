import { type ReactNode, Suspense } from "react";
import { lazyPart } from "@/ui/lazy-part";
import type { Drawing } from "./kinds";

export interface DrawnProps {
  text: string;
  /** Shown while it is not drawn, and where it cannot be. */
  otherwise: ReactNode;
  /** Whether it stands in a line of text. */
  inline?: boolean;
}

const asText = ({ otherwise }: DrawnProps) => otherwise;

/** Both are large and only wanted where somebody has asked for pictures. */
const KINDS = {
  formula: lazyPart(() => import("./formula"), { otherwise: asText }),
  diagram: lazyPart(() => import("./diagram"), { otherwise: asText }),
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
