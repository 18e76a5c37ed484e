// Words in Chinese and English.
import { cell, remember, remembered, useCell } from './store.js';
import zh from './zh.js';
import en from './en.js';

const words = { zh, en };
const apply = (lang) => {
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
};
export const language = cell(words[remembered('language')] ? remembered('language') : 'zh');
apply(language.get());
language.listen(apply);

/** The user's own choice stays; the gateway's language is only where there is none. */
export function chooseLanguage(lang) {
  remember('language', lang);
  language.set(lang);
}

export function offerLanguage(lang) {
  if (!remembered('language') && words[lang]) language.set(lang);
}

export const useLanguage = () => useCell(language);

/** The words of a key; `{name}` in them is replaced by `values.name`. A key without words is to be seen at once. */
export function t(key, values) {
  const text = words[language.get()][key];
  if (text === undefined) return `⟦${key}⟧`;
  return values ? text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole) : text;
}

/** Words with a number: `key.one` for one, where the language tells them apart. */
export const tn = (key, n, values) => t(n === 1 && hasWords(`${key}.one`) ? `${key}.one` : key, { n, ...values });

export const hasWords = (key) => words[language.get()][key] !== undefined;

/** The side of a {zh, en} that the reader reads; the other one where it is empty. */
export function pick(phrase) {
  if (!phrase) return '';
  const lang = language.get();
  return phrase[lang] || phrase[lang === 'zh' ? 'en' : 'zh'] || '';
}
