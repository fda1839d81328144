import type { ReactNode } from "react";
import { t } from "@/i18n";
import { hostOf, isOwnImage, safeAddress } from "./links";

/** A link, which opens without giving the page away. */
export function Link({ address, children }: { address: string; children: ReactNode }) {
  const href = safeAddress(address);
  return (
    <a href={href} title={hostOf(href)} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

/** An image of this origin; any other could tell its server what the conversation says. */
export function Picture({ src, alt }: { src: string; alt: string }) {
  if (isOwnImage(src)) return <img src={src} alt={alt} loading="lazy" />;
  const href = safeAddress(src);
  if (href === "") return alt;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {alt || t("timeline.imageBlocked", { host: hostOf(href) ?? href })}
    </a>
  );
}
