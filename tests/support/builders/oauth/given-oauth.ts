import { decodeJwt } from 'jose'
import type { FakeProviders } from '../../../../examples/fake-providers/start-fake-providers.ts'
import { startFakeProviders } from '../../../../examples/fake-providers/start-fake-providers.ts'
import type { Environment } from '../../processes/native/spawn-process.ts'
import { composedService } from '../service/composed-service.ts'
import { oauthClient } from './oauth-client.ts'

type Decision = Parameters<FakeProviders['decide']>[1]
export type Person = Exclude<Decision, 'deny'>
export type GivenOAuth = Awaited<ReturnType<typeof givenOAuth>>

let people = 0

/** A person without an account here. */
export const somebody = (over: Partial<Person> = {}): Person => {
  people += 1
  return { name: `Person ${people}`, email: null, verified: false, ...over }
}

/** A username that is not taken. */
export const freshName = (): string => {
  people += 1
  return `somebody${people}`
}

/** The session id in an access token. */
export const sessionOf = (accessToken: string): string => String(decodeJwt(accessToken)['sid'])

/** A composed service with fake providers, and a client of it. */
export const givenOAuth = async (environment: Environment = {}) => {
  const fake = await startFakeProviders()
  const service = await composedService({ ...fake.settings, RATE_LIMITS: 'off', ...environment })
  const count = async (table: 'users' | 'identities' | 'sessions'): Promise<number> => {
    const { rows } = await service.database.query<{ n: number }>(
      `select count(*)::integer as n from ${table}`,
    )
    return rows[0]?.n ?? -1
  }
  return {
    fake,
    service,
    count,
    ...oauthClient(service.ask, fake),
    /** Registers an account with a password. Its email address can be set as verified. */
    register: async ({ domain = 'example.com', verified = false } = {}) => {
      const username = freshName()
      const account = await service.register(username, domain)
      if (verified) await service.change(account.id, { emailVerified: true })
      return { ...account, username }
    },
    /** The actions and versions of a user's events. */
    eventsOf: async (userId: string): Promise<readonly string[]> => {
      const { rows } = await service.database.query<{ event: string }>(
        "select action || ' ' || version as event from outbox_events where user_id = $1 order by version",
        [userId],
      )
      return rows.map(({ event }) => event)
    },
    /** The audit entries of a user's identities: the action and the session. */
    linksOf: async (userId: string) => {
      const { rows } = await service.database.query<{ action: string; session: string | null }>(
        "select action, session_id as session from audit_log where subject_id = $1 and action like 'identity.%' order by id",
        [userId],
      )
      return rows
    },
    end: async () => {
      await service.end()
      await fake.close()
    },
  }
}

/** Status and code of a problem. */
export const problemOf = async (response: Response): Promise<readonly [number, unknown]> => {
  const problem: unknown = JSON.parse(await response.text())
  return [response.status, Object(problem).code]
}
