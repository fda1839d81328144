/** What separates the values of a table, by the name of its file. */
export const separatorOf = (path: string): string => (/\.tsv$/i.test(path) ? "\t" : ",");

/**
 * The rows of a table as RFC 4180 writes it: values in quotes may hold the separator, line ends and doubled quotes. A
 * quote within a value that does not begin with one is a character like others.
 */
export function rowsOfTable(text: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const [value, after] = text[at] === '"' ? quoted(text, at + 1, separator) : plain(text, at, separator);
    row.push(value);
    at = after;
    if (text[at] === separator) {
      at += 1;
      // A separator at the very end has an empty value behind it.
      if (at === text.length) row.push("");
      else if (!isEnd(text, at)) continue;
      else row.push("");
    }
    at += text.startsWith("\r\n", at) ? 2 : 1;
    rows.push(row);
    row = [];
  }
  return rows;
}

const isEnd = (text: string, at: number): boolean => text[at] === "\n" || text.startsWith("\r\n", at);

function plain(text: string, from: number, separator: string): [string, number] {
  let to = from;
  while (to < text.length && text[to] !== separator && !isEnd(text, to)) to += 1;
  return [text.slice(from, to), to];
}

/** A value in quotes; what follows its end is taken with it, as spreadsheets do. */
function quoted(text: string, from: number, separator: string): [string, number] {
  let value = "";
  let at = from;
  while (at < text.length) {
    if (text[at] !== '"') value += text[at++];
    else if (text[at + 1] === '"') {
      value += '"';
      at += 2;
    } else {
      const [rest, after] = plain(text, at + 1, separator);
      return [value + rest, after];
    }
  }
  return [value, at];
}
