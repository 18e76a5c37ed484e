// What is on the screen, or what the gateway makes of it, as a file.
import { api } from './api.js';

/** A cell of CSV. What a spreadsheet would run as a formula stays text. */
function cell(value) {
  let text = value === null || value === undefined ? '' : String(value);
  if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

function save(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** Rows of cells as CSV; the mark at the front lets spreadsheets read the Chinese. */
export function saveCsv(name, rows) {
  const text = `\ufeff${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
  save(name, new Blob([text], { type: 'text/csv;charset=utf-8' }));
}

/** A file of the gateway under a name, or the one that it gives; what it refuses is an ApiError, and no file. */
export async function saveFile(path, as = null) {
  const { blob, name } = await api.file(path);
  save(as ?? name, blob);
}
