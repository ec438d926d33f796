import { randomBytes } from 'node:crypto'
import { parseSessionId } from '../../domain/shared/ids.ts'
import type { CodeStore, Grant } from '../../ports/driven/oauth/code-store.ts'
import { codeSecrets } from './code-secrets.ts'
import type { Redis } from './open-redis.ts'

export type RedisCodeStoreNeeds<G extends Grant> = {
  readonly redis: Redis
  /** Reads a grant back from its JSON; null when it is none, as after a release that kept other ones. */
  readonly readGrant: (json: unknown) => G | null
}

const CODE_BYTES = 32
const LIFE_MS = 5 * 60_000
/** A spent code is remembered for so long, so that a replay is noticed. */
const REMEMBERED_MS = 60 * 60_000

/**
 * `live <MAC of the state> <session id> <sealed grant>` turns into `exchanged <session id>` or `refused`. A single
 * write does both, spending and remembering, so that a server that is full leaves the code as it was.
 */
const EXCHANGE = `
local kept = redis.call('GET', KEYS[1])
local state, session, grant = string.match(kept or '', '^live (%S+) (%S+) (%S+)$')
if not state then return nil end
local isRight = state == ARGV[1]
redis.call('SET', KEYS[1], isRight and 'exchanged ' .. session or 'refused', 'PX', ARGV[2])
return isRight and grant or nil`

/** The session, and how long it will still be remembered. */
const REPLAY = `
local session = string.match(redis.call('GET', KEYS[1]) or '', '^exchanged (%S+)$')
if not session then return nil end
return {session, redis.call('PTTL', KEYS[1])}`

/** Codes in Redis, shared by all instances; the server itself removes what has expired. */
export const makeRedisCodeStore = <G extends Grant>({
  redis,
  readGrant,
}: RedisCodeStoreNeeds<G>): CodeStore<G> => ({
  generateCode: async (grant, state) => {
    const code = randomBytes(CODE_BYTES).toString('base64url')
    const { name, macOfState, seal } = codeSecrets(code)
    const kept = `live ${macOfState(state)} ${grant.sessionId} ${seal(JSON.stringify(grant))}`
    await redis.ask((client) => client.set(redis.keys.code(name), kept, 'PX', LIFE_MS))
    return code
  },
  exchangeCode: async (code, state) => {
    const { name, macOfState, open } = codeSecrets(code)
    const key = redis.keys.code(name)
    const sealed = await redis.ask((client) =>
      client.eval(EXCHANGE, 1, key, macOfState(state), REMEMBERED_MS),
    )
    return typeof sealed === 'string' ? readGrant(JSON.parse(open(sealed))) : null
  },
  replayOf: async (code) => {
    const key = redis.keys.code(codeSecrets(code).name)
    const [session, remaining] = listOf(await redis.ask((client) => client.eval(REPLAY, 1, key)))
    const sessionId = parseSessionId(String(session))
    if (sessionId === null) return null
    const age = REMEMBERED_MS - Number(remaining)
    return { sessionId, secondsSince: Math.floor(age / 1000) }
  },
})

const listOf = (reply: unknown): readonly unknown[] => (Array.isArray(reply) ? reply : [])
