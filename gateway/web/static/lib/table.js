// A table of many rows, of which only those on the screen are there. It stays a table for a screen reader.
import { html, useLayoutEffect, useRef, useState } from './html.js';
import { t } from './i18n.js';

/** A head that sorts: `sort` {id, down}, `onSort(sort)`. */
export function SortHead({ column, sort, onSort }) {
  if (!column.sort) return html`<th scope="col" class=${column.class}>${column.label}</th>`;
  const here = sort.id === column.id;
  return html`<th scope="col" class=${column.class} aria-sort=${here ? (sort.down ? 'descending' : 'ascending') : 'none'}>
    <button type="button" class="plain sort" onClick=${() => onSort({ id: column.id, down: here ? !sort.down : !!column.down })}>
      ${column.label}<span aria-hidden="true">${here ? (sort.down ? ' ▼' : ' ▲') : ' ↕'}</span></button></th>`;
}

/** `columns`: [{id, label, class, sort, down}]; `row(item)`: the cells. All rows have `rowHeight` pixels. */
export function VirtualTable({ columns, items, rowHeight, row, keyOf, label, sort, onSort }) {
  const ref = useRef(null);
  const [range, setRange] = useState([0, 30]);
  useLayoutEffect(() => {
    let asked = 0;
    const look = () => {
      asked = 0;
      const top = ref.current?.getBoundingClientRect().top ?? 0;
      const first = Math.max(0, Math.floor(-top / rowHeight / 8) * 8 - 8);
      const last = Math.ceil((innerHeight - top) / rowHeight / 8) * 8 + 8;
      setRange((old) => (old[0] === first && old[1] === last ? old : [first, last]));
    };
    const ask = () => {
      asked ||= requestAnimationFrame(look);
    };
    const whole = () => setRange([0, 2000]);
    look();
    addEventListener('scroll', ask, { passive: true, capture: true });
    addEventListener('resize', ask);
    addEventListener('beforeprint', whole);
    addEventListener('afterprint', ask);
    return () => {
      cancelAnimationFrame(asked);
      removeEventListener('scroll', ask, { capture: true });
      removeEventListener('resize', ask);
      removeEventListener('beforeprint', whole);
      removeEventListener('afterprint', ask);
    };
  }, [rowHeight, items.length]);
  const first = Math.min(range[0], items.length), last = Math.min(range[1], items.length);
  const space = (rows) => rows > 0 && html`<tr aria-hidden="true" class="space"><td colspan=${columns.length} style=${{ height: `${rows * rowHeight}px` }}></td></tr>`;
  return html`<table class="virtual-table" aria-label=${label} aria-rowcount=${items.length + 1}>
    <thead><tr aria-rowindex="1">${columns.map((c) => html`<${SortHead} key=${c.id} column=${c} sort=${sort} onSort=${onSort} />`)}</tr></thead>
    <tbody ref=${ref}>${space(first)}
      ${items.slice(first, last).map((item, i) => html`<tr key=${keyOf(item)} aria-rowindex=${first + i + 2} style=${{ height: `${rowHeight}px` }}>${row(item)}</tr>`)}
      ${space(items.length - last)}</tbody></table>`;
}

/** Sorted by `values[sort.id](item)`, text or numbers; what has no value comes last either way. */
export function sorted(items, sort, values) {
  const value = values[sort.id];
  if (!value) return items;
  const sign = sort.down ? -1 : 1;
  const keyed = items.map((item) => [value(item), item]);
  keyed.sort(([a], [b]) => {
    const lacks = (v) => v === null || v === undefined || Number.isNaN(v);
    if (lacks(a) || lacks(b)) return lacks(a) - lacks(b);
    return sign * (typeof a === 'string' ? a.localeCompare(b) : a - b);
  });
  return keyed.map(([, item]) => item);
}

/** For lists of cards, where there are no heads to press. */
export function SortSelect({ columns, sort, onSort }) {
  return html`<label class="sort-select">${t('table.sort')} <select value=${`${sort.id} ${sort.down ? 'd' : 'u'}`}
    onChange=${(e) => { const [id, way] = e.target.value.split(' '); onSort({ id, down: way === 'd' }); }}>
    ${columns.filter((c) => c.sort).flatMap((c) => [true, false].map((down) => html`<option key=${`${c.id}${down}`} value=${`${c.id} ${down ? 'd' : 'u'}`}>${c.label} ${down ? '▼' : '▲'}</option>`))}
  </select></label>`;
}
