// The one door to Preact: screens import from here, so where the vendored modules lie is said once.
import { h } from '../vendor/preact.js';
import htm from '../vendor/htm.js';

export { Fragment, createContext, render } from '../vendor/preact.js';
export {
  useCallback, useContext, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useReducer,
  useRef, useState,
} from '../vendor/hooks.js';

export const html = htm.bind(h);
