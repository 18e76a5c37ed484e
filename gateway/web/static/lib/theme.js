// Light, dark, or as the system has it.
import { cell, remember, remembered } from './store.js';

const themes = ['auto', 'light', 'dark'];
export const theme = cell(themes.includes(remembered('theme')) ? remembered('theme') : 'auto');
const apply = (name) => {
  document.documentElement.dataset.theme = name;
};
apply(theme.get());
theme.listen(apply);

export function nextTheme() {
  const next = themes[(themes.indexOf(theme.get()) + 1) % themes.length];
  remember('theme', next);
  theme.set(next);
}
