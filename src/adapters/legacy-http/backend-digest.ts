import { SHARDS } from '../../domain/events/user-event.ts'
import type { HeldUser, ShardDigest } from '../../domain/migration/state-digest.ts'
import { parseUserId } from '../../domain/shared/ids.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { BackendDigest } from '../../ports/driven/migration/backend.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import { makeSignWebhook } from './sign-webhook.ts'

type Needs = {
  readonly url: string
  readonly secrets: readonly string[]
  readonly clock: Clock
}

/** Backend has to count all its users first. */
const TIMEOUT_MS = 30_000

/** Reads with a signed GET which users Backend has. docs/migration.md describes the exact form. */
export const makeBackendDigest = ({ url, secrets, clock }: Needs): BackendDigest => {
  const sign = makeSignWebhook(secrets)
  const ask = (address: string): Promise<unknown> =>
    readJson(address, sign(`digest-${crypto.randomUUID()}`, clock(), ''), TIMEOUT_MS)
  return {
    read: async () => {
      const shards = readList(await ask(url), 'shards', shardOf)
      const isWhole =
        shards?.length === SHARDS && shards.every(({ shard }, place) => shard === place)
      if (shards === null || !isWhole)
        throw new Unavailable('the digest of Backend does not have 64 shards')
      return shards
    },
    users: async (shard) => {
      const address = new URL(url)
      address.searchParams.set('shard', String(shard))
      return readList(await ask(address.href), 'users', userOf)
    },
  }
}

/** Null when the list is missing or one of its items cannot be read. */
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
  const shard = fieldOf(item, 'shard')
  const users = fieldOf(item, 'users')
  const sha256 = fieldOf(item, 'sha256')
  return isCount(shard) && isCount(users) && typeof sha256 === 'string'
    ? { shard, users, sha256: sha256.toLowerCase() }
    : null
}

const userOf = (item: unknown): HeldUser | null => {
  const id = fieldOf(item, 'id')
  const version = fieldOf(item, 'version')
  const userId = typeof id === 'string' ? parseUserId(id) : null
  return userId !== null && isCount(version) ? { userId, version } : null
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

/** Enough for a shard of some hundred thousand users. */
const LONGEST_BYTES = 64 * 1024 * 1024

/**
 * Reads the JSON at an address. It follows no redirect.
 * @throws Unavailable
 */
const readJson = async (
  url: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<unknown> => {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, { headers, redirect: 'manual', signal })
    if (response.status !== 200) throw new Unavailable(`Backend answered ${response.status}`)
    return JSON.parse(await readText(response.body))
  } catch (cause) {
    throw cause instanceof Unavailable ? cause : unreadable(cause)
  }
}

const unreadable = (cause: unknown) =>
  new Unavailable('the answer of Backend cannot be read', 1, { cause })

const readText = async (body: ReadableStream<Uint8Array> | null): Promise<string> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > LONGEST_BYTES) throw new Unavailable('the answer of Backend is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
