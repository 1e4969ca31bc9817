// Rows of a retail file: exact money, times as UTC, and a sentence with the line for whatever cannot be read.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readRetailFile } from '../../src/cli/retail/read-file.js';
import { BrokenRow, columns, minorUnits, type Row, rowReader } from '../../src/cli/retail/row.js';

const folder = mkdtempSync(join(tmpdir(), 'panglot-rows-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const header = columns.join();
const sound = '700001,85a1c,TIN MUG,6,2011-11-14 08:10:00,2.55,20001,United Kingdom';

function file(content: string | Buffer, name = 'sample.csv'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function read(path: string) {
  const taken: { row: Row; line: number }[] = [];
  const facts = await readRetailFile(path, (row, line) => taken.push({ row, line }));
  return { taken, ...facts };
}

describe('a price', () => {
  it.each([
    ['2.55', 255],
    ['0.0', 0],
    ['-0.0', 0],
    ['2.5', 250],
    ['15', 1500],
    ['1234.560', 123456],
    ['-11062.06', -1106206],
    ['90071992547409.91', Number.MAX_SAFE_INTEGER],
  ])('%s is %d pence', (text, pence) => expect(minorUnits(text)).toBe(pence));

  it.each(['0.001', '1.999', '-0.005'])('%s has a fraction of a penny', (text) => expect(minorUnits(text)).toBeNull());

  it.each(['', '1,5', '1e3', '.5', '5.', '£5', 'NaN', '--1', '90071992547409.92'])('%s is no price', (text) =>
    expect(() => minorUnits(text)).toThrow(BrokenRow),
  );

  it('keeps every penny of every price', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (pence) => {
        const text = `${Math.floor(pence / 100)}.${String(pence % 100).padStart(2, '0')}`;
        expect(minorUnits(text)).toBe(pence);
      }),
    ));
});

describe('a row', () => {
  it('is read with its SKU in upper case, its time as UTC and its price in pence', () =>
    expect(rowReader()(sound.split(','))).toEqual({
      invoice: '700001',
      sku: '85A1C',
      description: 'TIN MUG',
      quantity: 6,
      placedAt: '2011-11-14T08:10:00.000Z',
      unitPrice: 255,
      customerId: '20001',
    }));

  it.each([
    ['700001,85a1c,x,6,2011-11-14 08:10:00,2.55,20001', 'it has 7 columns instead of 8'],
    ['700001,85a1c,x,6.5,2011-11-14 08:10:00,2.55,20001,UK', 'Quantity is "6.5", which is not a whole number'],
    ['700001,85a1c,x,,2011-11-14 08:10:00,2.55,20001,UK', 'Quantity is "", which is not a whole number'],
    ['700001,85a1c,x,6,14/11/2011 08:10,2.55,20001,UK', 'InvoiceDate is "14/11/2011 08:10"'],
    ['700001,85a1c,x,6,2011-02-30 08:10:00,2.55,20001,UK', 'InvoiceDate is "2011-02-30 08:10:00"'],
    ['700001,85a1c,x,6,2011-11-14 25:10:00,2.55,20001,UK', 'InvoiceDate is "2011-11-14 25:10:00"'],
    ['700001,85a1c,x,6,2011-11-14 08:10:00,dear,20001,UK', 'UnitPrice is "dear", which is not a decimal number'],
    [',85a1c,x,6,2011-11-14 08:10:00,2.55,20001,UK', 'InvoiceNo is empty'],
  ])('%s is broken: %s', (text, sentence) => expect(() => rowReader()(text.split(','))).toThrow(sentence));
});

describe('a file', () => {
  it('is the same gzipped or not, byte order mark or not, whatever its line ends', async () => {
    const plain = await read(file(`${header}\n${sound}\n`));
    const zipped = await read(file(gzipSync(`${header}\n${sound}\n`), 'sample.csv.gz'));
    const marked = await read(file(`\uFEFF${header}\r\n${sound}\r\n`, 'marked.csv'));
    expect(zipped).toEqual(plain);
    expect(marked.taken).toEqual(plain.taken);
    expect(plain.taken.map(({ line }) => line)).toEqual([2]);
  });

  it('is counted by lines, also where a quoted description spans two', async () => {
    const { taken } = await read(file(`${header}\n700001,A,"one\ntwo, ""three""",6,2011-11-14 08:10:00,2.55,20001,UK\n${sound}\n`));
    expect(taken.map(({ line, row }) => [line, row.description])).toEqual([
      [3, 'one\ntwo, "three"'],
      [4, 'TIN MUG'],
    ]);
  });

  it.each([
    ['that is not there', () => join(folder, 'none.csv'), 'none.csv was not imported: there is no such file.'],
    ['that is a folder', () => folder, 'it is a folder.'],
    ['that is empty', () => file(''), 'it is empty: line 1 should be InvoiceNo,'],
    ['with another header', () => file(`Invoice,StockCode\n${sound}`), 'line 1: the header should be InvoiceNo,StockCode,'],
    ['named .gz that is not gzip', () => file(`${header}\n`, 'x.csv.gz'), 'it is named .gz, but it is not gzip.'],
    [
      'that was cut off',
      () => file(gzipSync(`${header}\n${`${sound}\n`.repeat(9)}`).subarray(0, -12), 'cut.csv.gz'),
      'its gzip data ends too early: the file was cut off.',
    ],
    [
      'that was damaged',
      () => {
        const bytes = gzipSync(`${header}\n${sound}\n`);
        return file(Buffer.concat([bytes.subarray(0, 20), Buffer.alloc(30, 0xff), bytes.subarray(50)]), 'bad.csv.gz');
      },
      'its gzip data is damaged.',
    ],
    [
      'in another encoding',
      () => file(Buffer.from(`${header}\n${sound.replace('MUG', 'MUG \xa35')}\n`, 'latin1')),
      'it is not UTF-8',
    ],
    ['with a broken row', () => file(`${header}\n${sound}\n${sound.replace(',6,', ',six,')}\n`), 'line 3: Quantity is "six"'],
    ['with an open quote', () => file(`${header}\n${sound}\n700002,"A,x,6\n`), 'it is not sound CSV'],
  ])('%s is refused in a sentence', async (_, path, sentence) => {
    await expect(read(path())).rejects.toMatchObject({ name: 'FileRefused', message: expect.stringContaining(sentence) });
  });
});
