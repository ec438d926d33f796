import { spyOn } from 'bun:test'
import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { parseUserId } from '../../../../src/domain/shared/ids.ts'
import { compose } from '../../../../src/main/compose.ts'
import { readConfig } from '../../../../src/main/config/config.ts'
import { openInstallation } from '../../../../src/main/lifecycle/open-installation.ts'
import type { Environment } from '../../processes/native/spawn-process.ts'
import { PASSWORD } from '../accounts/given-users.ts'
import { updatedUser } from '../accounts/stored-users.ts'
import { givenStores } from '../database/given-stores.ts'

export type ComposedService = Awaited<ReturnType<typeof composedService>>

/** `from` is the address that the request comes from. */
type Asked = RequestInit & { readonly from?: string }

/**
 * The whole service, composed in this process and, by default, in memory. For tests that need its database
 * or its clock (`setSystemTime` of bun:test), which a service in another process does not offer.
 */
export const composedService = async (environment: Environment = {}) => {
  const given = { NODE_ENV: 'test', DATA_DIR: 'memory:', LOG_LEVEL: 'error', ...environment }
  const reading = readConfig(given, () => '')
  if ('problems' in reading) throw new Error(reading.problems.join('\n'))
  const installation = await openInstallation(reading.config)
  if (!installation.ok) throw new Error(installation.refusal.lines.join('\n'))
  const openPglite = spyOn(PGlite, 'create')
  const composed = await compose(installation.value.installation)
  if (!composed.ok) throw new Error(composed.refusal.lines.join('\n'))
  const composition = composed.value
  const database = await openPglite.mock.results[0]?.value
  openPglite.mockRestore()
  if (!(database instanceof PGlite)) throw new Error('the service opened no database')
  await composition.migrate()
  composition.becomeReady()

  const { stores } = givenStores({
    db: drizzle(database),
    background: drizzle(database),
    isQuiet: () => true,
    close: () => database.close(),
    isAvailable: async () => true,
  })
  const ask = (path: string, { from = '192.0.2.1', ...init }: Asked = {}): Promise<Response> =>
    composition.publicApi.fetch(new Request(`http://auth.test${path}`, init), { address: from })

  return {
    ...composition,
    database,
    ask,
    /** Registers an account and answers its id and tokens. */
    register: async (username: string, domain = 'example.com') => {
      const email = `${username}@${domain}`
      const body = { email, username, password: PASSWORD }
      const answer = await ask('/v1/auth/register', jsonInit('POST', body))
      if (answer.status !== 201) throw new Error(await answer.text())
      const { user, tokens } = JSON.parse(await answer.text())
      return { id: String(user.id), email, tokens }
    },
    /** Changes an account as an administrator would. */
    change: async (
      id: string,
      changes: {
        readonly isActive?: boolean
        readonly emailVerified?: boolean
        readonly role?: 'user' | 'admin'
      },
    ) => {
      const user = await stores.users.find(parseUserId(id) ?? never())
      await updatedUser({ stores }, user ?? never(), changes)
    },
    storeHash: (id: string, hash: string | null) =>
      database.query('update credentials set password_hash = $2 where user_id = $1', [id, hash]),
    /** Ends the service, so that another can open its data. */
    end: async () => {
      await composition.stop()
      await installation.value.release()
    },
  }
}

const never = (): never => {
  throw new Error('there is no such user')
}

/** A request with a JSON body, signed in when a token is given. */
export const jsonInit = (method: string, body: unknown, bearer?: string): RequestInit => ({
  method,
  headers: {
    'content-type': 'application/json',
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
  },
  body: JSON.stringify(body),
})
