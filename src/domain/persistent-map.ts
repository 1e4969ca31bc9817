// An immutable map by string key that shares what did not change, so that a state with many entries evolves in microseconds and an
// older state stays true. Two fixed levels of 64: made for up to some hundred thousand keys, in no promised order.

type Bucket<V> = readonly (readonly [key: string, value: V])[];
type Node<V> = readonly (Bucket<V> | undefined)[];

const width = 64;
const emptyLevel: readonly undefined[] = Array.from({ length: width }, () => undefined);

/** FNV-1a, cut to the 12 bits that two levels need. */
function hash(key: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) value = Math.imul(value ^ key.charCodeAt(i), 0x01000193);
  return (value ^ (value >>> 12) ^ (value >>> 24)) & 0xfff;
}

export class PersistentMap<V> {
  readonly #root: readonly (Node<V> | undefined)[];
  readonly size: number;

  private constructor(root: readonly (Node<V> | undefined)[], size: number) {
    this.#root = root;
    this.size = size;
  }

  static empty<V>(): PersistentMap<V> {
    return new PersistentMap<V>(emptyLevel, 0);
  }

  get(key: string): V | undefined {
    const at = hash(key);
    return this.#root[at >> 6]?.[at & 63]?.find(([known]) => known === key)?.[1];
  }

  has(key: string): boolean {
    const at = hash(key);
    return this.#root[at >> 6]?.[at & 63]?.some(([known]) => known === key) ?? false;
  }

  /** This map with the key set to the value. */
  with(key: string, value: V): PersistentMap<V> {
    const before = this.#bucket(key);
    return this.#replaced(key, before, [...before.filter(([known]) => known !== key), [key, value]]);
  }

  /** This map without the key. */
  without(key: string): PersistentMap<V> {
    const before = this.#bucket(key);
    return this.#replaced(
      key,
      before,
      before.filter(([known]) => known !== key),
    );
  }

  *entries(): Iterable<readonly [key: string, value: V]> {
    for (const node of this.#root) for (const bucket of node ?? []) if (bucket !== undefined) yield* bucket;
  }

  #bucket(key: string): Bucket<V> {
    const at = hash(key);
    return this.#root[at >> 6]?.[at & 63] ?? [];
  }

  #replaced(key: string, before: Bucket<V>, after: Bucket<V>): PersistentMap<V> {
    const at = hash(key);
    const node = [...(this.#root[at >> 6] ?? emptyLevel)];
    node[at & 63] = after;
    const root = [...this.#root];
    root[at >> 6] = node;
    return new PersistentMap(root, this.size + after.length - before.length);
  }
}
