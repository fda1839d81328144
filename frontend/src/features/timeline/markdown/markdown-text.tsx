import ReactMarkdown, { type Components, defaultUrlTransform } from "react-markdown";
import { t } from "@/i18n";
import { CodeBlock } from "./code-block";
import { gfm } from "./gfm";

const PLUGINS = [gfm];

/** Markdown as elements. Raw HTML is shown as text; `javascript:` and the like are dropped by the library. */
export function MarkdownText({ text }: { text: string }) {
  return (
    <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS} urlTransform={safeUrl}>
      {text}
    </ReactMarkdown>
  );
}

function safeUrl(url: string, attribute: string): string {
  return attribute === "src" && url.startsWith("data:image/") ? url : defaultUrlTransform(url);
}

const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <a href={href} title={hostOf(href)} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  img: ({ src, alt }) => <Picture src={typeof src === "string" ? src : ""} alt={alt ?? ""} />,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard too
    <div className="table-scroll" tabIndex={0}>
      <table>{children}</table>
    </div>
  ),
  pre: ({ node, children }) => {
    const code = node?.children[0];
    if (code?.type !== "element" || code.tagName !== "code") return <pre>{children}</pre>;
    const names = code.properties.className;
    const language = Array.isArray(names) ? String(names[0] ?? "").replace("language-", "") : "";
    const text = code.children.map((child) => (child.type === "text" ? child.value : "")).join("");
    return <CodeBlock language={language} text={text.replace(/\n$/, "")} live={false} />;
  },
};

/** An image of this origin; any other could tell its server what the conversation says. */
function Picture({ src, alt }: { src: string; alt: string }) {
  if (src === "") return alt;
  if (isOwn(src)) return <img src={src} alt={alt} loading="lazy" />;
  return (
    <a href={src} target="_blank" rel="noopener noreferrer nofollow">
      {alt || t("timeline.imageBlocked", { host: hostOf(src) ?? src })}
    </a>
  );
}

function isOwn(src: string): boolean {
  if (src.startsWith("data:image/")) return true;
  try {
    return new URL(src, location.href).origin === location.origin;
  } catch {
    return false;
  }
}

function hostOf(address: string | undefined): string | undefined {
  try {
    return address ? new URL(address).host : undefined;
  } catch {
    return undefined;
  }
}
