// `panglot order show`: the story of an order in the terminal. What it reads and tells is in order/.

import { Command } from 'commander';
import { askOnce } from './client/ask-once.js';
import { urlOption } from './options.js';
import { readOrder, readStory } from './order/read.js';
import { storyOf } from './order/story.js';
import { storyText } from './order/story-text.js';
import { hasColours } from './text.js';

async function showOrder(name: string, { url, json }: { readonly url: string; readonly json: boolean }): Promise<void> {
  await askOnce(url, async (platform) => {
    const order = await readOrder(platform, name);
    const events = await readStory(platform, order);
    if (json) return void process.stdout.write(`${JSON.stringify({ order, events }, null, 2)}\n`);
    process.stdout.write(storyText(order, storyOf(events, order.currency), { colours: hasColours(process.stdout) }));
  });
}

const help = `
Each line is an event: its number, when it came after the first one, how long after its cause, the number of its cause (or who asked),
the stream it stands in, and what it says. ✓ is what everybody waited for, ✗ something that failed, ↶ something that is undone because of
it. What happened to many SKUs because of one event is one line.

Examples:
  $ panglot order show demo-1-1                                by the caller's reference
  $ panglot order show 68f19367-86da-5618-9bc4-3e3cec0959ad    by its id
  $ panglot order show demo-1-1 --json | jq '.events[].type'   {"order", "events"} as the API has them
`;

/** The command `order`. */
export function orderCommand(): Command {
  const show = new Command('show')
    .description('the story of an order: each event, what caused it, how long it took')
    .argument('<order>', 'its id, or its reference')
    .addOption(urlOption())
    .option('--json', 'the order and its events as JSON', false)
    .addHelpText('after', help)
    .action(showOrder);
  return new Command('order').description('look at an order').addCommand(show);
}
