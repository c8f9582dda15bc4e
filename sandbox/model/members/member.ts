export type Source = "project" | "group";

/** A direct membership. */
export interface Member {
  readonly userId: number;
  readonly source: Source;
  readonly sourceId: number;
  accessLevel: number;
  /** `YYYY-MM-DD`; the membership ends at 00:00 UTC of that day. */
  expiresAt: string | null;
  readonly createdAt: string;
  readonly createdById: number | null;
}

/** Direct memberships of all projects and groups, found by source and by user. */
export class Memberships {
  private readonly bySource = new Map<string, Map<number, Member>>();
  private readonly byUser = new Map<number, Map<string, Member>>();

  set(member: Member): void {
    const key = `${member.source}:${member.sourceId}`;
    bucket(this.bySource, key).set(member.userId, member);
    bucket(this.byUser, member.userId).set(key, member);
  }

  get(source: Source, sourceId: number, userId: number): Member | undefined {
    return this.bySource.get(`${source}:${sourceId}`)?.get(userId);
  }

  remove(source: Source, sourceId: number, userId: number): void {
    const key = `${source}:${sourceId}`;
    this.bySource.get(key)?.delete(userId);
    this.byUser.get(userId)?.delete(key);
  }

  of(source: Source, sourceId: number): Member[] {
    return [...(this.bySource.get(`${source}:${sourceId}`)?.values() ?? [])];
  }

  ofUser(userId: number): Member[] {
    return [...(this.byUser.get(userId)?.values() ?? [])];
  }

  removeSource(source: Source, sourceId: number): void {
    for (const { userId } of this.of(source, sourceId)) this.remove(source, sourceId, userId);
  }

  removeUser(userId: number): void {
    for (const { source, sourceId } of this.ofUser(userId)) this.remove(source, sourceId, userId);
  }
}

function bucket<Key, InnerKey, Value>(map: Map<Key, Map<InnerKey, Value>>, key: Key): Map<InnerKey, Value> {
  let inner = map.get(key);
  if (!inner) {
    inner = new Map();
    map.set(key, inner);
  }
  return inner;
}
