import { useEffect, useState } from "react";
import { t } from "@/i18n";
import { onThemeChange } from "@/ui/theme-colours";
import { diagramOf, type Picture } from "./draw-diagram";
import type { DrawnProps } from "./drawn";

/** A diagram. It is a picture to the page: nothing in it can run, load or lead anywhere. */
export default function Diagram({ text, otherwise }: DrawnProps) {
  const [drawn, setDrawn] = useState<{ of: string; picture: Picture | null } | null>(null);
  useEffect(() => {
    let current = true;
    const draw = () =>
      void diagramOf(text).then(
        (picture) => current && setDrawn({ of: text, picture }),
        () => current && setDrawn({ of: text, picture: null }),
      );
    draw();
    const stop = onThemeChange(draw);
    return () => {
      current = false;
      stop();
    };
  }, [text]);
  if (drawn?.of !== text) return <div data-pending="">{otherwise}</div>;
  if (!drawn.picture) {
    return (
      <>
        <p role="status" className="px-3 pt-2 text-12 text-text-2">
          {t("drawing.failed")}
        </p>
        {otherwise}
      </>
    );
  }
  const { address, width, height } = drawn.picture;
  return (
    <div className="overflow-x-auto p-3">
      <img
        src={address}
        width={width}
        height={height}
        alt={t("drawing.diagram")}
        data-testid="diagram"
        className="mx-auto h-auto max-w-full"
      />
    </div>
  );
}
