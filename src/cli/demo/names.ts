// Names of products that nobody sells: a small grammar, so that no list has to be kept.

import { type Chance, oneOf } from './chance.js';

type Words = readonly [string, ...string[]];

const colours: Words = [
  'SLATE',
  'OCHRE',
  'MOSS',
  'CORAL',
  'INDIGO',
  'IVORY',
  'PLUM',
  'TEAL',
  'SAFFRON',
  'CHARCOAL',
  'BLUSH',
  'SAGE',
];
const motifs: Words = [
  'FERN',
  'HARBOUR',
  'COMET',
  'FOXGLOVE',
  'ORCHARD',
  'HERON',
  'CHEVRON',
  'ACORN',
  'TIDE',
  'LATTICE',
  'FINCH',
  'DUNE',
];

/** What things are made of goes with what they are. */
const kinds: readonly [
  { readonly materials: Words; readonly things: Words },
  ...{ readonly materials: Words; readonly things: Words }[],
] = [
  {
    materials: ['LINEN', 'FELT', 'WOOL', 'CANVAS', 'CORDUROY'],
    things: [
      'APRON',
      'BOLSTER',
      'TABLE RUNNER',
      'OVEN GLOVE',
      'PENCIL ROLL',
      'DRAUGHT STOP',
      'TOTE',
      'FOOTSTOOL COVER',
      'EGG COSY',
    ],
  },
  {
    materials: ['ENAMEL', 'STONEWARE', 'BRASS', 'ASH WOOD', 'SMOKED GLASS', 'COPPER'],
    things: [
      'PITCHER',
      'SPICE RACK',
      'TEALIGHT DISH',
      'BUTTER DISH',
      'WALL HOOK',
      'SOAP TRAY',
      'PLANTER',
      'LADLE',
      'DOOR KNOB',
      'CRUET',
    ],
  },
  {
    materials: ['KRAFT', 'LETTERPRESS', 'RECYCLED PAPER', 'BOUND'],
    things: ['NOTEBOOK', 'GIFT TAGS', 'PAPER GARLAND', 'RECIPE CARDS', 'LAMPSHADE', 'WALL CALENDAR', 'SEED ENVELOPES', 'LEDGER'],
  },
];
const sets: Words = ['PAIR OF', 'SET OF 3', 'SET OF 4', 'BOX OF 6'];

function name(chance: Chance): string {
  const { materials, things } = oneOf(kinds, chance);
  const set = chance() < 0.15 ? `${oneOf(sets, chance)} ` : '';
  const motif = chance() < 0.5 ? `${oneOf(motifs, chance)} ` : '';
  return `${set}${oneOf(colours, chance)} ${motif}${oneOf(materials, chance)} ${oneOf(things, chance)}`;
}

/** So many names, none twice. */
export function productNames(count: number, chance: Chance): readonly string[] {
  const names = new Set<string>();
  while (names.size < count) names.add(name(chance));
  return [...names];
}
