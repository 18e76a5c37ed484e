// The words of the page, out of its own dictionaries: a story asks for a key, and the page may say it otherwise tomorrow.
import en from '../../../gateway/web/static/lib/en.js';
import zh from '../../../gateway/web/static/lib/zh.js';

export const words = { zh, en };
/** In Chinese, which is the demonstration's language. `{name}` becomes values.name, or stays. */
export function w(key, values = {}, language = 'zh') {
  const text = words[language][key];
  if (text === undefined) throw new Error(`the page has no words "${key}"`);
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
