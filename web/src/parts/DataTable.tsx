/**
 * A table that draws only the rows in view, so that 10,000 scroll as ten do. One row at a time takes the focus: arrows, Home, End
 * and Page keys move it, Enter opens it.
 */
import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import classes from "./DataTable.module.css";

export interface Column<Row> {
  readonly key: string;
  readonly header: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** A CSS grid track: "minmax(160px, 2fr)", "120px". */
  readonly width: string;
  readonly align?: "start" | "end";
  /** Left out on screens narrower than this: the rest must be enough. */
  readonly from?: "sm" | "md" | "lg";
}

interface Props<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly onOpen?: (row: Row) => void;
  /** The row that is open beside the table. */
  readonly openKey?: string | null;
  /** Called when the last rows come into view, to fetch more. */
  readonly onEnd?: () => void;
  /** Of all rows, where not all are here. */
  readonly total?: number;
  /** Pixels that a row has at least; the nearer to what it takes, the less moves when it is drawn for the first time. */
  readonly rowHeight?: number | ((row: Row) => number);
  readonly maxHeight?: string;
}

const STEPS: Record<string, number> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

export function DataTable<Row>(props: Props<Row>) {
  const { label, rows, keyOf, onOpen, openKey, onEnd, total, rowHeight = 52, maxHeight = "min(72vh, 900px)" } = props;
  const columns = useShownColumns(props.columns);
  const scroll = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(0);
  const heightOf = (row: Row | undefined) => (typeof rowHeight === "number" ? rowHeight : row === undefined ? 0 : rowHeight(row));
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => heightOf(rows[index]),
    getItemKey: useItemKey(rows, keyOf),
    overscan: 8,
    scrollPaddingStart: 40,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onEnd && rows.length > 0 && last >= rows.length - 5) onEnd();
  }, [last, rows.length, onEnd]);

  function move(event: KeyboardEvent<HTMLDivElement>) {
    // Keys that are meant for a button or field inside a row are that element's.
    if (event.target instanceof Element && event.target.getAttribute("role") !== "row") return;
    const row = rows[focused];
    if (event.key === "Enter" && row !== undefined) onOpen?.(row);
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.min(Math.max(focused + step, 0), rows.length - 1);
    setFocused(next);
    virtual.scrollToIndex(next);
    // The row may have to be drawn first.
    requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus());
  }

  const template = { gridTemplateColumns: columns.map((column) => column.width).join(" ") };
  const focusable = rows.length === 0 ? -1 : Math.min(focused, rows.length - 1);
  const drawn = shown.some((item) => item.index === focusable) ? focusable : (shown[0]?.index ?? -1);
  return (
    <div
      ref={scroll}
      className={classes.scroll}
      style={{ maxHeight }}
      role="grid"
      aria-label={label}
      aria-rowcount={(total ?? rows.length) + 1}
      onKeyDown={move}
    >
      <div role="row" aria-rowindex={1} className={classes.head} style={template}>
        {columns.map((column) => (
          <div key={column.key} role="columnheader" data-align={column.align}>
            {column.header}
          </div>
        ))}
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {shown.map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            <div
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              role="row"
              aria-rowindex={item.index + 2}
              aria-selected={openKey === undefined ? undefined : openKey === keyOf(row)}
              tabIndex={item.index === drawn ? 0 : -1}
              className={classes.row}
              data-opens={onOpen !== undefined || undefined}
              style={{ ...template, minHeight: heightOf(row), transform: `translateY(${item.start}px)` }}
              onFocus={() => setFocused(item.index)}
              onClick={(event) => {
                if (!isControl(event.target)) onOpen?.(row);
              }}
            >
              <Cells columns={columns} row={row} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** The same function as long as the rows are the same: with another one, the place of every row is worked out anew. */
function useItemKey<Row>(rows: readonly Row[], keyOf: (row: Row) => string): (index: number) => string | number {
  const newest = useRef(keyOf);
  newest.current = keyOf;
  return useCallback(
    (index: number) => {
      const row = rows[index];
      return row === undefined ? index : newest.current(row);
    },
    [rows],
  );
}

/** Drawn again when the row or the columns change, not each time the table scrolls. */
const Cells = memo(function Cells<Row>({ columns, row }: { columns: readonly Column<Row>[]; row: Row }) {
  return columns.map((column) => (
    <div key={column.key} role="gridcell" data-align={column.align} className={classes.cell}>
      {column.cell(row)}
    </div>
  ));
}) as <Row>(props: { columns: readonly Column<Row>[]; row: Row }) => ReactNode;

/** A click on a link or button of a row is not a click on the row. */
function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest("a, button, input, label") !== null;
}

function useShownColumns<Row>(columns: readonly Column<Row>[]): readonly Column<Row>[] {
  const options = { getInitialValueInEffect: false };
  const sm = useMediaQuery("(min-width: 48em)", true, options);
  const md = useMediaQuery("(min-width: 62em)", true, options);
  const lg = useMediaQuery("(min-width: 75em)", true, options);
  return useMemo(() => columns.filter((column) => column.from === undefined || { sm, md, lg }[column.from]), [columns, sm, md, lg]);
}
