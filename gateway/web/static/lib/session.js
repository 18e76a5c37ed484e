// Who is signed in. Null until the gateway has been asked.
import { cell, useCell } from './store.js';

/** As GET /api/v1/session says; `expired` where the gateway ended it, `replaced` the session of another who signed in since. */
export const session = cell(null);
export const useSession = () => useCell(session);

/** Whether two sessions are of the same person in the same role. */
export const isSame = (a, b) =>
  !!a?.signed_in && !!b?.signed_in && a.user === b.user && a.role === b.role && (a.enterprise ?? null) === (b.enterprise ?? null);

export const hasRole = (roles) => !roles || roles.includes(session.get()?.role);
/** Who sees live figures and alarms. */
export const liveRoles = ['admin', 'operator', 'enterprise'];
/** Who enters what laboratories measured. */
export const writeRoles = liveRoles;
