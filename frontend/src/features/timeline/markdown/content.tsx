import type { List, ListItem, Nodes, Parents, Table } from "mdast";
import type {} from "mdast-util-math";
import { createElement, type ReactNode } from "react";
import { Drawn } from "../drawing/drawn";
import { CodeBlock } from "./code-block";
import { codeInfo } from "./code-info";
import { Link, Picture } from "./link";
import { isMoney } from "./math";
import { NoteNumber } from "./note-number";
import type { Scope } from "./scope";

interface ContentProps {
  nodes: readonly Nodes[];
  scope: Scope;
}

/** Parts of a text, one after the other. */
export function Content({ nodes, scope }: ContentProps) {
  // A tree is made anew whenever its text changes, so positions are identity enough.
  // biome-ignore lint/suspicious/noArrayIndexKey: see above
  return nodes.map((node, index) => <Part key={index} node={node} scope={scope} />);
}

/** One part of a text. */
function Part({ node, scope }: { node: Nodes; scope: Scope }): ReactNode {
  const inner = (parent: Parents) => <Content nodes={parent.children} scope={scope} />;
  switch (node.type) {
    case "text":
    case "html":
      return node.value;
    case "paragraph": {
      const [only] = node.children;
      if (only?.type === "inlineMath" && node.children.length === 1) return <Display text={only.value} />;
      return <p>{inner(node)}</p>;
    }
    case "heading":
      return createElement(`h${node.depth}`, null, inner(node));
    case "emphasis":
      return <em>{inner(node)}</em>;
    case "strong":
      return <strong>{inner(node)}</strong>;
    case "delete":
      return <del>{inner(node)}</del>;
    case "inlineCode":
      return <code>{node.value}</code>;
    case "break":
      return <br />;
    case "thematicBreak":
      return <hr />;
    case "blockquote":
      return <blockquote>{inner(node)}</blockquote>;
    case "code":
      return (
        <CodeBlock
          {...codeInfo([node.lang, node.meta].filter(Boolean).join(" "))}
          text={node.value}
          live={false}
          closed
        />
      );
    case "math":
      return <Display text={node.value} />;
    case "inlineMath":
      return isMoney(node.value) ? (
        `$${node.value}$`
      ) : (
        <Drawn kind="formula" inline text={node.value} otherwise={<code>{node.value}</code>} />
      );
    case "list":
      return <Items list={node} scope={scope} />;
    case "table":
      return <Grid table={node} scope={scope} />;
    case "link":
      return <Link address={node.url}>{inner(node)}</Link>;
    case "linkReference": {
      const address = scope.references.links.get(node.identifier)?.url;
      return address === undefined ? inner(node) : <Link address={address}>{inner(node)}</Link>;
    }
    case "image":
      return <Picture src={node.url} alt={node.alt ?? ""} />;
    case "imageReference":
      return <Picture src={scope.references.links.get(node.identifier)?.url ?? ""} alt={node.alt ?? ""} />;
    case "footnoteReference":
      return <NoteNumber node={node} scope={scope} />;
    default:
      // Definitions show where they are referred to.
      return null;
  }
}

/** A formula on lines of its own. */
function Display({ text }: { text: string }) {
  return <Drawn kind="formula" text={text} otherwise={<pre>{text}</pre>} />;
}

function Items({ list, scope }: { list: List; scope: Scope }) {
  const isLoose = list.spread === true || list.children.some((item) => item.spread);
  const items = list.children.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    <Item key={index} item={item} isLoose={isLoose} scope={scope} />
  ));
  return list.ordered ? <ol start={list.start ?? 1}>{items}</ol> : <ul>{items}</ul>;
}

function Item({ item, isLoose, scope }: { item: ListItem; isLoose: boolean; scope: Scope }) {
  return (
    <li>
      {typeof item.checked === "boolean" && (
        <input type="checkbox" checked={item.checked} disabled readOnly />
      )}
      {item.children.map((child, index) => {
        const isPlain = child.type === "paragraph" && !isLoose;
        // biome-ignore lint/suspicious/noArrayIndexKey: as above
        return <Content key={index} nodes={isPlain ? child.children : [child]} scope={scope} />;
      })}
    </li>
  );
}

function Grid({ table, scope }: { table: Table; scope: Scope }) {
  const [head, ...rows] = table.children.map((row) => row.children);
  const cells = (row: typeof head, tag: "th" | "td") =>
    row?.map((cell, column) =>
      createElement(
        tag,
        { key: column, style: { textAlign: table.align?.[column] ?? undefined } },
        <Content nodes={cell.children} scope={scope} />,
      ),
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard too
    <div className="table-scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>{cells(head, "th")}</tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <tr key={index}>{cells(row, "td")}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
