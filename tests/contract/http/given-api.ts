import { addressPrefix } from '../../../src/adapters/http/edge/client.ts'
import type {
  PublicApiNeeds,
  PublicApiSettings,
  UseCases,
} from '../../../src/adapters/http/public-api.ts'
import { makePublicApi } from '../../../src/adapters/http/public-api.ts'
import { parseDisplayName } from '../../../src/domain/accounts/display-name.ts'
import { parseEmail } from '../../../src/domain/accounts/email.ts'
import type { Role } from '../../../src/domain/accounts/role.ts'
import { publishedState, registeredState } from '../../../src/domain/accounts/user.ts'
import { parseUsername } from '../../../src/domain/accounts/username.ts'
import { parseProviderId } from '../../../src/domain/oauth/provider.ts'
import { startSession } from '../../../src/domain/sessions/session.ts'
import type { EventId } from '../../../src/domain/shared/ids.ts'
import { parseSessionId, parseUserId } from '../../../src/domain/shared/ids.ts'
import type { Result } from '../../../src/domain/shared/result.ts'
import { fail, ok } from '../../../src/domain/shared/result.ts'
import type { LogEvent, LogFields, LogLevel } from '../../../src/ports/driven/shared/log.ts'
import type { LedgerPage } from '../../../src/ports/driving/events/events.ts'
import type { UserContext } from '../../../src/ports/driving/sessions/sessions.ts'
import {
  SYNC_REPORT,
  SYNC_STATE,
  SYNC_STATUS,
} from '../../support/builders/migration/sync-status.ts'

/** Fake use cases: each does the least that lets a route answer as if all went well. */

const must = <T>(result: Result<T, unknown>): T => {
  if (!result.ok) throw new Error(`a fixture is wrong: ${String(result.refusal)}`)
  return result.value
}
const present = <T>(value: T | null): T => {
  if (value === null) throw new Error('a fixture is wrong')
  return value
}

export const NOW = new Date('2026-11-24T10:00:00.000Z')
export const USER_ID = present(parseUserId('0198f3a2-0000-7000-8000-000000000001'))
export const SESSION_ID = present(parseSessionId('0198f3a2-0000-7000-8000-0000000000aa'))

const EVENT_ID = '0198f3a2-0000-7000-8000-0000000000ee' as EventId

export const USER = {
  ...registeredState(
    must(parseEmail('jo@example.com')),
    must(parseUsername('johndoe')),
    must(parseDisplayName('Jo')),
  ),
  id: USER_ID,
  createdAt: NOW,
  updatedAt: NOW,
  version: 3,
}

export const SESSION = startSession(
  SESSION_ID,
  USER_ID,
  new Uint8Array(16),
  { userAgent: 'curl/8', addressPrefix: addressPrefix('203.0.113.7') },
  { idleSeconds: 1000, absoluteSeconds: 2000 },
  NOW,
)

export const TOKENS = {
  accessToken: 'access.token.here',
  expiresInSeconds: 600,
  refreshToken: 'v1.k.sid.1.mac',
  refreshExpiresInSeconds: 1000,
}

const callerOf = (role: Role): UserContext => ({
  id: USER_ID,
  email: USER.email,
  role,
  session: SESSION,
})

const TOKEN_ROLES: Readonly<Record<string, Role>> = {
  'user-token': 'user',
  'moderator-token': 'moderator',
  'admin-token': 'admin',
}

/** One change with one delivery. */
export const LEDGER_PAGE = ok({
  entries: [
    {
      event: {
        eventId: EVENT_ID,
        userId: USER_ID,
        version: 3,
        action: 'updated',
        state: publishedState(USER),
        changed: ['username'],
        occurredAt: NOW,
        traceparent: null,
      },
      deliveries: [
        {
          channel: 'nats:user.events',
          state: 'acknowledged',
          attempts: 1,
          ackedAt: NOW,
          streamSequence: 7,
          lastError: null,
        },
      ],
    },
  ],
  next: 'opaque',
} satisfies LedgerPage)

const signedIn = { user: USER, tokens: TOKENS }

const PROVIDER = present(parseProviderId('google'))

export const USE_CASES: UseCases = {
  registerUser: async () => ok(signedIn),
  checkRegistration: () => [],
  checkProfile: () => [],
  checkNewPassword: async () => [],
  readPasswordRules: () => ({ minimumLength: 12, maximumLength: 128 }),
  signIn: async (_, password) =>
    password === 'right' ? ok(signedIn) : fail({ kind: 'bad-credentials' }),
  refreshSession: async (token) =>
    token === TOKENS.refreshToken ? ok(TOKENS) : fail({ kind: 'invalid-refresh-token' }),
  signOut: async () => undefined,
  signOutEverywhere: async () => ok(null),
  reauthenticate: async () => ok(null),
  readProfile: async () => USER,
  updateProfile: async () => ok({ ...USER, version: 4 }),
  deleteAccount: async () => ok(null),
  changePassword: async () => ok(null),
  listSessions: async () => [SESSION],
  endSession: async (_, id) => (id === SESSION_ID ? ok(null) : fail({ kind: 'not-found' })),
  authenticate: async (token) => {
    const role = TOKEN_ROLES[token]
    return role === undefined ? null : callerOf(role)
  },
  listProviders: () => [{ id: PROVIDER, name: 'Google' }],
  startOAuth: async (provider) =>
    provider === PROVIDER
      ? ok({
          location: 'https://accounts.example.com/authorize',
          state: 's'.repeat(43),
          browser: 'b'.repeat(43),
        })
      : fail({ kind: 'unknown-provider' }),
  finishOAuth: async (_, { state }) =>
    state === 'known'
      ? ok({ location: 'https://app.example.com/in?code=c&state=s' })
      : fail({ kind: 'invalid-oauth-state', returnTo: null }),
  continueLink: async (ticket) =>
    ticket === 'known'
      ? ok({
          location: 'https://accounts.example.com/authorize',
          state: 's'.repeat(43),
          browser: 'b'.repeat(43),
        })
      : fail({ kind: 'invalid-oauth-state' }),
  exchangeCode: async ({ code }) =>
    code === 'known'
      ? ok({ kind: 'signed-in', signedIn, created: true })
      : fail({ kind: 'invalid-grant' }),
  startLink: async () =>
    ok({ authorizationUrl: 'https://auth.example.com/v1/auth/oauth/continue/t' }),
  listIdentities: async () => [{ provider: PROVIDER, linkedAt: NOW, email: USER.email }],
  unlinkIdentity: async () => ok(null),
  readLedger: async () => ok({ entries: [], next: null }),
  replayEvents: async () => ok({ replayed: 3 }),
  readSyncStatus: async () => SYNC_STATUS,
  reportSync: async () => SYNC_REPORT,
  changeSyncMode: async () => ok(SYNC_STATE),
  listDeadLetters: async () => ok({ items: [], next: null }),
  redriveDeadLetters: async () => ok({ redriven: 2, malformed: 0 }),
  dismissDeadLetters: async () => ok({ dismissed: 1 }),
  checkHealth: async () => ({
    status: 'healthy',
    dependencies: { db: 'ok', redis: 'ok', nats: 'ok' },
    embedded: ['db'],
  }),
}

const SETTINGS: PublicApiSettings = {
  production: false,
  publicUrl: 'http://localhost:3000',
  redirectUris: ['https://app.example.com/in'],
  issuer: 'http://localhost:3000',
  docs: true,
  trustedProxyHops: 0,
  corsOrigins: ['https://app.example.com'],
  version: '0.1.0',
  uptimeSeconds: () => 0,
  metrics: 'management',
}

export type LoggedLine = {
  readonly level: LogLevel
  readonly event: LogEvent
  readonly fields: LogFields
  readonly fault: unknown
}

export type Observed = {
  readonly route: string
  readonly method: string
  readonly status: number
}

type Given = Partial<Omit<PublicApiNeeds, 'settings'>> & {
  readonly settings?: Partial<PublicApiSettings>
  readonly peer?: string | null
}

/** The public API on fakes, with what it logged and observed. */
export const givenApi = ({ settings, peer = '203.0.113.7', ...needs }: Given = {}) => {
  const lines: LoggedLine[] = []
  const observed: Observed[] = []
  const traceparents: string[] = []
  const api = makePublicApi({
    ...USE_CASES,
    jwks: () => ({ keys: [{ kty: 'EC', kid: 'k1' }] }),
    schemas: { v1: { title: 'user event' }, v2: { title: 'user event 2' } },
    isReady: () => true,
    metricsText: async () => 'auth_up 1\n',
    forwardingIgnored: () => {},
    log: (level, event, fields = {}, fault = undefined) => {
      lines.push({ level, event, fields, fault })
    },
    trace: {
      run: (traceparent, work) => {
        traceparents.push(traceparent)
        return work()
      },
    },
    observe: (route, method, status) => {
      observed.push({ route, method, status })
    },
    ...needs,
    settings: { ...SETTINGS, ...settings },
  })
  const send = (path: string, init?: RequestInit): Promise<Response> =>
    api.fetch(new Request(`http://auth.test${path}`, init), { address: peer })
  return { api, send, lines, observed, traceparents }
}

export type Api = ReturnType<typeof givenApi>

/** A request with a JSON body, signed in when a role is given. */
export const jsonRequest = (method: string, body: unknown, role?: Role): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json', ...bearer(role) },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

export const bearer = (role?: Role): Record<string, string> =>
  role === undefined ? {} : { authorization: `Bearer ${role}-token` }

export const REGISTRATION = {
  email: 'jo@example.com',
  username: 'johndoe',
  password: 'correct horse battery',
}
