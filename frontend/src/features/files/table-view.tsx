import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { rowsOfTable, separatorOf } from "./csv";
import { tf } from "./words";

const ROW_HEIGHT = 26;
const COLUMN_WIDTH = 160;
/** Columns that are shown; further ones are counted. */
const MOST_COLUMNS = 40;

/** A text of separated values as a table; only the rows in view are in the page. */
export function TableView({ path, text }: { path: string; text: string }) {
  const scroller = useRef<HTMLElement>(null);
  const rows = useMemo(() => rowsOfTable(text, separatorOf(path)), [path, text]);
  const [head = [], ...body] = rows;
  const widest = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const columns = Math.min(widest, MOST_COLUMNS);
  const virtual = useVirtualizer({
    count: body.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <>
      {widest > columns && (
        <p className="bg-sunken px-3 py-1 text-12 text-text-2">
          {tf("tableColumns", { n: columns, total: widest })}
        </p>
      )}
      <section
        ref={scroller}
        aria-label={path}
        data-testid="table"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="min-h-0 flex-1 overflow-auto text-12 -outline-offset-2"
      >
        <table
          aria-rowcount={rows.length}
          className="table-fixed border-separate border-spacing-0"
          style={{ width: columns * COLUMN_WIDTH }}
        >
          <thead className="sticky top-0 bg-sunken">
            <tr>
              {cellsOf(head, columns).map(({ column, value }) => (
                <th key={column} scope="col" title={value} className={`${CELL} text-left font-medium`}>
                  {value}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {above > 0 && <tr style={{ height: above }} />}
            {items.map(({ index, key }) => (
              <tr key={key} aria-rowindex={index + 2} style={{ height: ROW_HEIGHT }}>
                {cellsOf(body[index] ?? [], columns).map(({ column, value }) => (
                  <td key={column} title={value} className={CELL}>
                    {value}
                  </td>
                ))}
              </tr>
            ))}
            {below > 0 && <tr style={{ height: below }} />}
          </tbody>
        </table>
      </section>
    </>
  );
}

const CELL = "h-[26px] truncate border-r border-b border-line px-2";

/** As many values as there are columns. */
const cellsOf = (row: readonly string[], columns: number) =>
  Array.from({ length: columns }, (_, column) => ({ column, value: row[column] ?? "" }));
