type Buckets<Row> = Map<unknown, Map<number, Row>>;

/** Rows by numeric id, in order of insertion, with secondary indexes. Change an indexed field through `update`. */
export class Table<Row extends { readonly id: number }> {
  private readonly rows = new Map<number, Row>();
  private readonly indexes: { keyOf: (row: Row) => unknown; buckets: Buckets<Row> }[] = [];
  private lastId = 0;

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  insert(row: Row): Row {
    this.lastId = Math.max(this.lastId, row.id);
    this.rows.set(row.id, row);
    this.addToIndexes(row);
    return row;
  }

  update(row: Row, change: (row: Row) => void): Row {
    this.removeFromIndexes(row);
    change(row);
    this.addToIndexes(row);
    return row;
  }

  get(id: number): Row | undefined {
    return this.rows.get(id);
  }

  delete(row: Row): void {
    this.rows.delete(row.id);
    this.removeFromIndexes(row);
  }

  all(): Row[] {
    return [...this.rows.values()];
  }

  get size(): number {
    return this.rows.size;
  }

  /** Declares an index before the first row; the answer looks rows up by key. */
  index<Key>(keyOf: (row: Row) => Key): (key: Key) => Row[] {
    const buckets = this.declare(keyOf);
    return (key) => [...(buckets.get(key)?.values() ?? [])];
  }

  /** An index whose keys are unique. */
  uniqueIndex<Key>(keyOf: (row: Row) => Key): (key: Key) => Row | undefined {
    const buckets = this.declare(keyOf);
    return (key) => buckets.get(key)?.values().next().value;
  }

  private declare(keyOf: (row: Row) => unknown): Buckets<Row> {
    const buckets: Buckets<Row> = new Map();
    this.indexes.push({ keyOf, buckets });
    return buckets;
  }

  private addToIndexes(row: Row): void {
    for (const { keyOf, buckets } of this.indexes) {
      const key = keyOf(row);
      const bucket = buckets.get(key);
      if (bucket) bucket.set(row.id, row);
      else buckets.set(key, new Map([[row.id, row]]));
    }
  }

  private removeFromIndexes(row: Row): void {
    for (const { keyOf, buckets } of this.indexes) {
      const key = keyOf(row);
      const bucket = buckets.get(key);
      bucket?.delete(row.id);
      if (bucket?.size === 0) buckets.delete(key);
    }
  }
}
