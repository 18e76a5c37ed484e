// The modules of others; they lie in build/e2e/npm, where tests/e2e/run has put them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
export const build = `${root}/build/e2e`;

const require = createRequire(`${build}/npm/package.json`);
export const { chromium } = require('playwright-core');
export const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
