import { memo, useRef } from "react";
import remend from "remend";
import type { Block } from "./blocks";
import { CodeBlock } from "./code-block";
import { MarkdownText } from "./markdown-text";
import { BlockSplitter, hasReferences } from "./splitter";

interface MarkdownProps {
  text: string;
  /** Whether more may come. */
  live: boolean;
}

/** A Markdown text that may still be growing: finished blocks are rendered once, only the tail again. */
export function Markdown({ text, live }: MarkdownProps) {
  const splitter = useRef<BlockSplitter>(null);
  splitter.current ??= new BlockSplitter();
  if (!live && hasReferences(text)) {
    return (
      <div className="prose">
        <MarkdownText text={text} />
      </div>
    );
  }
  const { frozen, tail } = splitter.current.update(text);
  return (
    <div className="prose">
      {[...frozen, ...tail].map((block, index, all) => (
        <BlockView
          // Blocks are only ever appended, so their position is their identity.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={index}
          raw={block.raw}
          block={block}
          caret={live && index === all.length - 1}
          open={live && index >= frozen.length}
        />
      ))}
    </div>
  );
}

interface BlockViewProps {
  raw: string;
  block: Block;
  caret: boolean;
  open: boolean;
}

const BlockView = memo(
  function BlockView({ block, caret, open }: BlockViewProps) {
    const text = open ? remend(block.raw) : block.raw;
    return (
      <div className={caret && !block.code ? "block caret-block" : "block"}>
        {block.code ? (
          <CodeBlock
            language={block.code.language}
            path={block.code.path}
            text={block.code.text}
            live={caret}
            closed={block.code.closed || !open}
          />
        ) : (
          <MarkdownText text={text} />
        )}
      </div>
    );
  },
  (before, after) => before.raw === after.raw && before.caret === after.caret && before.open === after.open,
);
