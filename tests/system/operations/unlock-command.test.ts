import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import postgres from 'postgres'
import { register, signIn } from '../../support/builders/http/given-http.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { runCommand, startService } from '../../support/processes/service/start-service.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { givenPostgres } from '../../support/servers/postgres/given-postgres.ts'

const MILLISECONDS = 60_000

const { url } = await givenPostgres()
const sql = postgres(url, { max: 1, onnotice: () => {} })
let service: Service
let ada: { readonly id: string; readonly username: string; readonly email: string }
beforeAll(async () => {
  service = await startService({ environment: { DATABASE_URL: url, RATE_LIMITS: 'off' } })
  ada = (await register(service)).body.user
}, MILLISECONDS)
afterAll(async () => {
  await service.stop()
  await sql.end()
})

/** What a hundred failures from elsewhere, and thirty days without a sign-in, leave behind. */
const close = async (): Promise<void> => {
  await sql`update credentials set consecutive_failures = 100, failures_halved_at = now()
    where user_id = ${ada.id}`
  await sql`delete from sign_in_prefixes where user_id = ${ada.id}`
  expect((await signIn(service, ada.username)).status).toBe(401)
}
const unlock = (words: readonly string[], dataDirectory = service.dataDirectory) =>
  runCommand(['users', 'unlock', ...words], { dataDirectory, environment: { DATABASE_URL: url } })
const unlockedEntries = async (): Promise<number> => {
  const rows = await sql`select 1 from audit_log where action = 'user.unlocked'`
  return rows.length
}

describe('auth users unlock', () => {
  test.each([
    ['id', '--user', () => ada.id],
    ['email address', '--email', () => ada.email.toUpperCase()],
    ['username', '--username', () => ada.username],
  ] as const)(
    'opens a closed account by its %s, through the service, and writes it down [BF11]',
    async (_, option, name) => {
      await close()
      const before = await unlockedEntries()
      expect(await unlock([option, name()])).toMatchObject({
        exitCode: 0,
        stdout: `Cleared the failed sign-ins of ${ada.username} (${ada.id}).\nRate limits of the account end by themselves, within 15 minutes.\n`,
        stderr: '',
      })
      expect((await signIn(service, ada.username)).status).toBe(200)
      expect((await unlockedEntries()) - before).toBe(1)
    },
    MILLISECONDS,
  )

  test(
    'opens it with the database alone, where no service answers [BF11]',
    async () => {
      await close()
      const elsewhere = join(temporaryFolder(), 'data')
      expect((await unlock(['--username', ada.username], elsewhere)).exitCode).toBe(0)
      expect((await signIn(service, ada.username)).status).toBe(200)
    },
    MILLISECONDS,
  )

  test.each([
    ['--user', '0190a1b2-0000-7000-8000-000000000001'],
    ['--user', 'no-id'],
    ['--email', 'nobody@example.com'],
    ['--username', 'nobody-at-all'],
    ['--username', 'no name'],
  ])(
    'of nobody, %s %s, ends with 1 and changes nothing [BF11]',
    async (option, name) => {
      await close()
      const before = await unlockedEntries()
      expect(await unlock([option, name])).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: 'There is no such account. Nothing was changed.\n',
      })
      expect((await signIn(service, ada.username)).status).toBe(401)
      expect(await unlockedEntries()).toBe(before)
    },
    MILLISECONDS,
  )

  test.each([
    [[]],
    [['--username']],
    [['--username', '']],
    [['ada']],
    [['--user', 'u1', '--username', 'ada']],
    [['--name', 'ada']],
  ])(
    'with the words %j ends with the usage, and no account is looked for [BF11]',
    async (words) => {
      const before = await unlockedEntries()
      const refused = await unlock(words)
      expect(refused).toMatchObject({ exitCode: 64, stdout: '' })
      expect(refused.stderr).toContain('auth users unlock')
      expect(await unlockedEntries()).toBe(before)
    },
    MILLISECONDS,
  )
})
