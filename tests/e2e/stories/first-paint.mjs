// How soon somebody sees something who never was here: measured while no other story runs.
import { leave, visit } from '../lib/browser.mjs';

/** From the address to the first text, and to the first workplace, ms: the best of three browsers that never were here. */
async function firstPaint(story, world) {
  const seen = [];
  for (let i = 0; i < 3; ++i) {
    const page = await visit(story, world, { as: 'operator', hash: '#/overview' });
    await page.waitForSelector('a.tile');
    seen.push(await page.evaluate(() => ({ text: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity, tile: performance.now() })));
    await leave(page);
  }
  return { text: Math.min(...seen.map((s) => s.text)), tile: Math.min(...seen.map((s) => s.tile)) };
}

export default async function firstPaintInTime(story) {
  const painted = await firstPaint(story, story.demo);
  story.proves(`first paint after ${Math.round(painted.text)} ms, the workplaces after ${Math.round(painted.tile)} ms`, painted.text < 1000 && painted.tile < 1500, painted);
}
