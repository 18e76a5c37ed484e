// What is overdue, for the screens that say so in passing. Asked for once in some minutes, however often they are opened.
import { html, useEffect } from './html.js';
import { api } from './api.js';
import { t, tn } from './i18n.js';
import { link } from './router.js';
import { isSame, session } from './session.js';
import { cell, useCell } from './store.js';
import { Icon } from './ui.js';

const every = 5 * 60000;
const overdue = cell(0);
let askedAt = 0;

session.listen(() => {
  askedAt = 0;
  overdue.set(0);
});

/** After something was done. */
export const forgetDuties = () => {
  askedAt = 0;
};

export const isOverdue = (duty) => duty.state === 'overdue';

export function takeDuties(duties) {
  askedAt = Date.now();
  overdue.set(duties.filter(isOverdue).length);
}

async function look() {
  if (Date.now() - askedAt < every - 1000) return;
  askedAt = Date.now();
  const of = session.get();
  try {
    const { duties } = await api.get('/api/v1/duties');
    if (isSame(of, session.get())) takeDuties(duties);
  } catch { /* the screen of the duties says why */ }
}

/** A line where anything is overdue. */
export function OverdueNotice() {
  const n = useCell(overdue);
  useEffect(() => {
    look();
    const timer = setInterval(look, every);
    return () => clearInterval(timer);
  }, []);
  return n > 0 && html`<p class="overdue-line"><${Icon} name="warning" /> <span><strong>${tn('duties.overdue_n', n)}</strong> <a href=${link('/duties')}>${t('duties.look')}</a></span></p>`;
}
