import { randomBytes } from 'node:crypto'
import { parseSessionId } from '../../domain/shared/ids.ts'
import type { CodeStore, Grant } from '../../ports/driven/oauth/code-store.ts'
import { codeSeal } from './code-seal.ts'
import type { Redis } from './open-redis.ts'

export type RedisCodeStoreNeeds<G extends Grant> = {
  readonly redis: Redis
  /** Reads a grant from its JSON. Null for another shape, which another release may have stored. */
  readonly readGrant: (json: unknown) => G | null
}

const CODE_BYTES = 32
const LIFE_MS = 5 * 60_000
/** A spent code is remembered for this time, so that a replay is noticed. */
const REMEMBERED_MS = 60 * 60_000

/**
 * Turns `live <MAC of the state> <session id> <sealed grant>` into `exchanged <session id>` or `refused`. One write spends the
 * code and remembers it. So when the server is full, the code stays as it was.
 */
const EXCHANGE = `
local kept = redis.call('GET', KEYS[1])
local state, session, grant = string.match(kept or '', '^live (%S+) (%S+) (%S+)$')
if not state then return nil end
local isRight = state == ARGV[1]
redis.call('SET', KEYS[1], isRight and 'exchanged ' .. session or 'refused', 'PX', ARGV[2])
return isRight and grant or nil`

/** The session, and the milliseconds for which the code will still be remembered. */
const REPLAY = `
local session = string.match(redis.call('GET', KEYS[1]) or '', '^exchanged (%S+)$')
if not session then return nil end
return {session, redis.call('PTTL', KEYS[1])}`

/** Codes in Redis, shared by all instances. Redis itself removes what has expired. */
export const makeRedisCodeStore = <G extends Grant>({
  redis,
  readGrant,
}: RedisCodeStoreNeeds<G>): CodeStore<G> => ({
  generateCode: async (grant, state) => {
    const code = randomBytes(CODE_BYTES).toString('base64url')
    const { name, macOfState, seal } = codeSeal(code)
    const kept = `live ${macOfState(state)} ${grant.sessionId} ${seal(JSON.stringify(grant))}`
    await redis.run((client) => client.set(redis.keys.code(name), kept, 'PX', LIFE_MS))
    return code
  },
  exchangeCode: async (code, state) => {
    const { name, macOfState, open } = codeSeal(code)
    const key = redis.keys.code(name)
    const sealed = await redis.run((client) =>
      client.eval(EXCHANGE, 1, key, macOfState(state), REMEMBERED_MS),
    )
    return typeof sealed === 'string' ? readGrant(JSON.parse(open(sealed))) : null
  },
  replayOf: async (code) => {
    const key = redis.keys.code(codeSeal(code).name)
    const [session, remaining] = listOf(await redis.run((client) => client.eval(REPLAY, 1, key)))
    const sessionId = parseSessionId(String(session))
    if (sessionId === null) return null
    const age = REMEMBERED_MS - Number(remaining)
    return { sessionId, secondsSince: Math.floor(age / 1000) }
  },
})

const listOf = (reply: unknown): readonly unknown[] => (Array.isArray(reply) ? reply : [])
