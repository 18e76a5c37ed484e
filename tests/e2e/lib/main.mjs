// Runs the stories: some beside one another, for most of their time is the gateway's.
import { rmSync } from 'node:fs';
import { keep, launch } from './browser.mjs';
import { build } from './modules.mjs';
import { World } from './world.mjs';
import { until } from './wait.mjs';

/** One after the other; within a group the lanes run beside one another, and in a lane one story after the other. */
const plan = [
  [['first-sign-in', 'first-paint']],
  [['dust', 'accessibility'], ['users', 'tenants', 'languages', 'phone', 'keyboard', 'shelving', 'screens'], ['assessments', 'records']],
  [['names', 'many-points'], ['outages']],
];
const all = plan.flat(2);

const asked = process.argv.slice(2);
const shots = asked.includes('--shots');
const names = asked.filter((each) => !each.startsWith('--'));
const unknown = asked.filter((each) => each.startsWith('--') ? !['--shots', '--list'].includes(each) : !all.includes(each));
if (unknown.length) {
  console.error(`tests/e2e/run: unknown: ${unknown.join(', ')}; the stories are ${all.join(', ')}`);
  process.exit(2);
}
if (asked.includes('--list')) {
  console.log(all.join('\n'));
  process.exit(0);
}
const wanted = (name) => (name === 'shots' ? shots : names.length === 0 || names.includes(name));
if (shots) plan.splice(2, 0, [['shots']]);  // of a gateway that has much to show, and is not in trouble

class Story {
  constructor(name, browser, demo) {
    Object.assign(this, { name, browser, demo, pages: [], worlds: [], lines: [], failure: null });
  }

  /** Says what is proved, or ends the story. */
  proves(what, good, seen = '') {
    if (!good) throw new Error(`not so: ${what}${seen === '' ? '' : `; seen: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`}`);
    this.lines.push(`    ${what}`);
  }

  /** Proved as soon as it holds. */
  async sees(what, look, options) {
    const seen = await until(what, look, options);
    this.lines.push(`    ${what}`);
    return seen;
  }

  tells(what) { this.lines.push(`    ${what}`); }

  /** A world for this story alone. */
  world(name, options) {
    const made = new World(name, options);
    this.worlds.push(made);
    return made;
  }

  async run() {
    const begun = Date.now();
    try {
      const { default: tell } = await import(`../stories/${this.name}.mjs`);
      await tell(this);
      for (const page of this.pages) {
        if (page.problems.length) throw new Error(`the browser's console says:\n      ${page.problems.slice(0, 10).join('\n      ')}`);
      }
    } catch (error) {
      this.failure = error;
      const folder = `${build}/failed/${this.name}`;
      await Promise.all(this.pages.map((page, i) => (page.isClosed() ? null : keep(page, folder, `page-${i + 1}`))));
      for (const world of [this.demo, ...this.worlds]) world?.keep(folder);
    }
    for (const page of this.pages) await page.context().close().catch(() => {});
    for (const world of this.worlds) {
      await world.end().catch((error) => { this.failure ??= error; });
    }
    this.took = (Date.now() - begun) / 1000;
    console.log(`${this.failure ? 'FAILED' : 'ok    '} ${this.name} (${this.took.toFixed(1)} s)`);
    for (const line of this.lines) console.log(line);
    if (this.failure) console.log(`  FAILED: ${this.failure.stack}\n  what it saw lies in build/e2e/failed/${this.name}`);
  }
}

const begun = Date.now();
for (const name of ['failed', ...(shots ? ['shots'] : [])]) rmSync(`${build}/${name}`, { recursive: true, force: true });
const stories = [];
let trouble = null;
let browser = null;
const demo = new World('demo');
try {
  [browser] = await Promise.all([launch(), demo.startAll()]);
  console.log(`gateway and browser are up after ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  for (const group of plan) {
    await Promise.all(group.map(async (lane) => {
      for (const name of lane.filter(wanted)) {
        const story = new Story(name, browser, demo);
        stories.push(story);
        await story.run();
      }
    }));
  }
} catch (error) {
  trouble = error;
}
await browser?.close();
try {
  await demo.end();
} catch (error) {
  trouble ??= error;
}
if (trouble) console.log(`FAILED: ${trouble.stack}`);
const failed = stories.filter((story) => story.failure);
console.log(`${stories.length - failed.length} of ${stories.length} stories hold${failed.length ? `; not: ${failed.map((s) => s.name).join(', ')}` : ''} (${((Date.now() - begun) / 1000).toFixed(0)} s)`);
process.exit(failed.length || trouble ? 1 : 0);
