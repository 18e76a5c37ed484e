// Who is signed in. Null until the gateway has been asked.
import { cell, useCell } from './store.js';

/** As GET /api/v1/session says; `expired` where the gateway ended it. */
export const session = cell(null);
export const useSession = () => useCell(session);

export const hasRole = (roles) => !roles || roles.includes(session.get()?.role);
/** Who sees live figures and alarms. */
export const liveRoles = ['admin', 'operator', 'enterprise'];
