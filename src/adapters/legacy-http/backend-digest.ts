import { SHARDS } from '../../domain/events/user-event.ts'
import type { HeldUser, ShardDigest } from '../../domain/migration/state-digest.ts'
import { parseUserId } from '../../domain/shared/ids.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { ReceiverDigest } from '../../ports/driven/migration/receiver-digest.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import { readJson } from './read-json.ts'
import { makeSignWebhook } from './sign-webhook.ts'

type Needs = {
  readonly url: string
  readonly secrets: readonly string[]
  readonly clock: Clock
}

/** It has to count everybody whom it holds. */
const WITHIN_MS = 30_000

/** What Backend says that it holds, asked for with a signed GET; docs/migration.md has the exact form. */
export const makeBackendDigest = ({ url, secrets, clock }: Needs): ReceiverDigest => {
  const sign = makeSignWebhook(secrets)
  const ask = (address: string): Promise<unknown> =>
    readJson(address, sign(`digest-${crypto.randomUUID()}`, clock(), ''), WITHIN_MS)
  return {
    read: async () => {
      const shards = readList(await ask(url), 'shards', shardOf)
      const isWhole =
        shards?.length === SHARDS && shards.every(({ shard }, place) => shard === place)
      if (shards === null || !isWhole)
        throw new Unavailable('Backend answered no digest of 64 shards')
      return shards
    },
    users: async (shard) => {
      const address = new URL(url)
      address.searchParams.set('shard', String(shard))
      return readList(await ask(address.href), 'users', userOf)
    },
  }
}

const readList = <T>(
  value: unknown,
  name: string,
  read: (item: unknown) => T | null,
): readonly T[] | null => {
  const list = fieldOf(value, name)
  if (!Array.isArray(list)) return null
  const items = list.map(read)
  const good = items.filter((item) => item !== null)
  return good.length === items.length ? good : null
}

const shardOf = (item: unknown): ShardDigest | null => {
  const [shard, users, sha256] = [
    fieldOf(item, 'shard'),
    fieldOf(item, 'users'),
    fieldOf(item, 'sha256'),
  ]
  return isCount(shard) && isCount(users) && typeof sha256 === 'string'
    ? { shard, users, sha256: sha256.toLowerCase() }
    : null
}

const userOf = (item: unknown): HeldUser | null => {
  const [id, version] = [fieldOf(item, 'id'), fieldOf(item, 'version')]
  const userId = typeof id === 'string' ? parseUserId(id) : null
  return userId !== null && isCount(version) ? { userId, version } : null
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
