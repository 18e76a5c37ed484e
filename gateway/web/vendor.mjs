// Copies the modules that the page is made of from node_modules into a folder, as a browser without a bundler and
// without an import map can load them: bare imports become relative paths. Their licences go beside them.
//
//   npm ci && node vendor.mjs node_modules OUT        OUT is served as vendor/
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [modules, out] = process.argv.slice(2);
if (!out) {
  console.error('usage: node vendor.mjs NODE_MODULES OUT');
  process.exit(2);
}

/** What a bare import becomes. One that is not here is a mistake. */
const paths = { preact: './preact.js', 'preact/hooks': './hooks.js', htm: './htm.js' };

function relative(text, file) {
  return text.replace(/\b(from|import)\s*(["'])([^"'./][^"']*)\2/g, (whole, word, quote, name) => {
    if (!paths[name]) throw new Error(`${file} imports ${name}, which is not vendored`);
    return `${word} ${quote}${paths[name]}${quote}`;
  });
}

function module(from, to, tail = '') {
  const text = readFileSync(join(modules, from), 'utf8').replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n');
  writeFileSync(join(out, to), relative(text, from) + tail);
}

mkdirSync(out, { recursive: true });
module('preact/dist/preact.module.js', 'preact.js');
module('preact/hooks/dist/hooks.module.js', 'hooks.js');
module('htm/dist/htm.module.js', 'htm.js');
// The minified build is a plain script, half as heavy as the readable module; one line makes it a module.
module('uplot/dist/uPlot.iife.min.js', 'uplot.js', '\nexport default uPlot;\n');
copyFileSync(join(modules, 'uplot/dist/uPlot.min.css'), join(out, 'uplot.css'));
for (const name of ['preact', 'htm', 'uplot']) {
  copyFileSync(join(modules, name, 'LICENSE'), join(out, `${name}.LICENSE.txt`));
}
