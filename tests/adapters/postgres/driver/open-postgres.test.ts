import { describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import type { Database, Handle } from '../../../../src/adapters/postgres/driver/database.ts'
import { attempt } from '../../../../src/adapters/postgres/driver/faults.ts'
import { openPostgres } from '../../../../src/adapters/postgres/driver/open-postgres.ts'
import { rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import { storedUser, uniqueUserId } from '../../../support/builders/accounts/stored-users.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { eventually } from '../../../support/processes/timing/eventually.ts'
import { wakingMilliseconds } from '../../../support/processes/timing/waking-time.ts'
import { postgresAt } from '../../../support/servers/addresses.ts'
import { withSql } from '../../../support/servers/postgres/given-postgres.ts'
import { givenRolesOfEachVersion } from '../../../support/servers/postgres/given-roles.ts'

const faultOf = (work: Promise<unknown>): Promise<unknown> =>
  attempt(work).then(
    () => null,
    (fault: unknown) => fault,
  )
const rows = async (handle: Handle, text: string) =>
  rowsOf<Record<string, unknown>>(await handle.execute(sql.raw(text)))
const sleep = async ({ db }: Database, seconds: number) =>
  db.execute(sql`select pg_sleep(${seconds}::float8)`)
const isCurrent = (setting: string) => `current_setting('${setting}')`

for (const {
  major,
  appUrl: url,
  ownerUrl,
  url: superuserUrl,
  database,
} of await givenRolesOfEachVersion()) {
  /** Opens a database and always closes it again. */
  const withDatabase = async (
    options: Partial<Parameters<typeof openPostgres>[0]>,
    use: (opened: Database) => Promise<void>,
  ) => {
    const opened = openPostgres({
      address: postgresAt(url),
      applicationName: 'under-test',
      ...options,
    })
    try {
      await use(opened)
    } finally {
      await opened.close()
    }
  }
  const connections = (state: string) =>
    withSql(superuserUrl, async (client) => {
      const found = await client`
        select pid from pg_stat_activity where application_name = 'under-test' and state like ${state}`
      return found.map(({ pid }) => Number(pid))
    })
  /** The server lists a closed connection for a moment longer, and a new one a moment later. */
  const untilConnected = (count: number, state = '%') =>
    eventually(`${count} connections`, 20, async () =>
      expect(await connections(state)).toHaveLength(count),
    )
  const endConnections = () =>
    withDatabase({}, async ({ db }) => {
      await db.execute(sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'under-test' and pid <> pg_backend_pid()`)
    })

  describe(`an open PostgreSQL ${major}`, () => {
    test('sets its own server limits, whatever the settings of the role', async () => {
      await withSql(ownerUrl, async (client) => {
        await client.unsafe(`alter database "${database}" set statement_timeout = 0`)
        await client.unsafe(`alter database "${database}" set datestyle = 'SQL, DMY'`)
        await client.unsafe(`alter database "${database}" set timezone = 'Asia/Kolkata'`)
        await client.unsafe(`alter database "${database}" set search_path = 'elsewhere'`)
      })
      await withDatabase({}, async (opened) => {
        const names = [
          'statement_timeout',
          'idle_in_transaction_session_timeout',
          'search_path',
          'jit',
        ]
        const [row] = await rows(
          opened.db,
          `select ${names.map((name) => `${isCurrent(name)} as ${name}`)}`,
        )
        expect(row).toEqual({
          statement_timeout: '2s',
          idle_in_transaction_session_timeout: '5s',
          search_path: 'public',
          jit: 'off',
        })
        const subject = givenStores(opened)
        const user = await storedUser(subject)
        expect(await subject.stores.users.find(user.id)).toEqual(user)
        expect(Math.abs(user.createdAt.getTime() - Date.now())).toBeLessThan(60_000)
      })
    })

    test('keeps its statements prepared', async () => {
      await withDatabase({ poolSize: 1 }, async (opened) => {
        const { stores } = givenStores(opened)
        for (let time = 0; time < 3; time += 1) await stores.users.find(uniqueUserId())
        const found = await rows(
          opened.db,
          `select generic_plans + custom_plans as uses from pg_prepared_statements where statement like '%"users"%'`,
        )
        expect(found).toEqual([{ uses: '3' }])
      })
    })

    test('connects when needed, at most as often as its size, and closes every connection', async () => {
      await withDatabase({ poolSize: 3 }, async (opened) => {
        await untilConnected(0)
        await Promise.all(Array.from({ length: 15 }, () => sleep(opened, 0.02)))
        await untilConnected(3, 'idle')
        await Promise.all(Array.from({ length: 15 }, () => sleep(opened, 0.02)))
        expect(await connections('%')).toHaveLength(3)
        expect(await opened.isAvailable()).toBe(true)
        await opened.close()
        await opened.close()
        expect(await opened.isAvailable()).toBe(false)
        expect(await faultOf(sleep(opened, 0))).toBeInstanceOf(Unavailable)
      })
      await untilConnected(0)
    })

    test('refuses a caller at once when its queue is full, and serves everybody in the queue', async () => {
      await withDatabase({ poolSize: 2 }, async (opened) => {
        let answered = 0
        const served = Array.from({ length: 10 }, async () => {
          await sleep(opened, 0.05)
          answered += 1
        })
        const fault = await faultOf(sleep(opened, 0))
        expect(answered).toBe(0)
        expect(fault).toBeInstanceOf(Unavailable)
        expect(fault).toMatchObject({ message: 'the queue is full', retryAfterSeconds: 1 })
        expect(await Promise.all(served)).toHaveLength(10)
      })
    })

    test('lets no caller wait longer than a second for a connection', async () => {
      await withDatabase({ poolSize: 1 }, async (opened) => {
        const busy = sleep(opened, 1.5)
        const [began, wokeAt] = [performance.now(), wakingMilliseconds()]
        expect(await faultOf(sleep(opened, 0))).toBeInstanceOf(Unavailable)
        expect(performance.now() - began).toBeGreaterThan(900)
        expect(wakingMilliseconds() - wokeAt).toBeLessThan(1300)
        await busy
        expect(await faultOf(sleep(opened, 0))).toBeNull()
      })
    })

    test('is available while callers queue up for it', async () => {
      await withDatabase({ poolSize: 1 }, async (opened) => {
        const queue = Array.from({ length: 5 }, () => sleep(opened, 0.05))
        await queue[0]
        expect(await opened.isAvailable()).toBe(true)
        await Promise.all(queue)
      })
    })

    test('cancels a statement after two seconds, and the connection stays usable', async () => {
      await withDatabase({ poolSize: 1 }, async (opened) => {
        const pid = async () => (await rows(opened.db, 'select pg_backend_pid() as pid'))[0]
        const before = await pid()
        const [began, wokeAt] = [performance.now(), wakingMilliseconds()]
        const fault = await faultOf(sleep(opened, 10))
        expect(performance.now() - began).toBeGreaterThan(1900)
        expect(wakingMilliseconds() - wokeAt).toBeLessThan(2500)
        expect(fault).toBeInstanceOf(Unavailable)
        expect(fault).toMatchObject({ cause: { message: expect.stringContaining('57014') } })
        expect(await pid()).toEqual(before)
      })
    })

    test('says why it cannot connect, without the password', async () => {
      const wrong = new URL(url)
      wrong.pathname = '/no_such_test'
      await withDatabase({ address: postgresAt(wrong.href) }, async (opened) => {
        const fault = await faultOf(sleep(opened, 0))
        expect(fault).toBeInstanceOf(Unavailable)
        expect(fault).toMatchObject({ cause: { message: expect.stringContaining('3D000') } })
        expect(Bun.inspect(fault, { depth: 20 })).not.toContain(wrong.password)
      })
    })

    test('replaces connections that the server has ended, without a fault', async () => {
      await withDatabase({ poolSize: 3 }, async (opened) => {
        await Promise.all(Array.from({ length: 3 }, () => sleep(opened, 0.02)))
        await untilConnected(3, 'idle')
        await endConnections()
        await untilConnected(0)
        // What the server has ended is closed a moment later.
        await Bun.sleep(100)
        expect(await faultOf(Promise.all([1, 2, 3].map(() => sleep(opened, 0.02))))).toBeNull()
      })
    })

    test('fails a transaction whose connection was ended, and rolls it back', async () => {
      await withDatabase({ poolSize: 2 }, async (opened) => {
        const [first, second] = ['before', 'after']
        const fault = await faultOf(
          opened.db.transaction(async (tx) => {
            await keep(tx, first)
            await endConnections()
            await keep(tx, second).catch(() => {})
            await keep(tx, second)
          }),
        )
        expect(fault).toBeInstanceOf(Unavailable)
        expect(await kept(opened)).toEqual([])
        expect(await faultOf(sleep(opened, 0))).toBeNull()
      })
    })

    test('fails a transaction that was idle for too long, and the next one works', async () => {
      await withDatabase({ poolSize: 1 }, async (opened) => {
        const fault = await faultOf(
          opened.db.transaction(async (tx) => {
            await tx.execute(sql`set local idle_in_transaction_session_timeout = 50`)
            await keep(tx, 'before')
            await untilConnected(0)
            await keep(tx, 'after')
          }),
        )
        expect(fault).toBeInstanceOf(Unavailable)
        await opened.db.transaction((tx) => keep(tx, 'next'))
        expect(await kept(opened)).toEqual(['next'])
        await opened.db.execute(sql`delete from idempotency_keys`)
      })
    })

    test('is quiet until ten statements of requests came in a quarter of a second, and again when none come', async () => {
      await withDatabase({}, async ({ db, background, isQuiet }) => {
        const ask = (handle: Handle, times: number) =>
          Promise.all(Array.from({ length: times }, () => handle.execute(sql`select 1`)))
        // The service's own work does not count.
        await ask(background, 30)
        expect(isQuiet()).toBe(true)
        await ask(db, 9)
        expect(isQuiet()).toBe(true)
        // Again and again, because ten may take longer than that on a slow machine.
        await eventually('not quiet', 20, async () => {
          await ask(db, 10)
          expect(isQuiet()).toBe(false)
        })
        await eventually('quiet again', 20, () => expect(isQuiet()).toBe(true))
      })
    })

    test('counts each transaction of a request as one statement, and none in the background', async () => {
      await withDatabase({}, async ({ db, background, isQuiet }) => {
        const transact = (handle: Handle, times: number) =>
          Promise.all(
            Array.from({ length: times }, () =>
              handle.transaction((tx) => tx.execute(sql`select 1`)),
            ),
          )
        await transact(background, 12)
        await transact(db, 9)
        expect(isQuiet()).toBe(true)
        await eventually('not quiet', 20, async () => {
          await transact(db, 10)
          expect(isQuiet()).toBe(false)
        })
      })
    })

    test('does its own work on a fifth of the connections, and on one at least', async () => {
      for (const [poolSize, share] of [
        [10, 2],
        [4, 1],
      ] as const)
        await withDatabase({ poolSize }, async ({ background }) => {
          const mostAtOnce = async () => {
            const spans = await Promise.all(
              Array.from({ length: 6 }, async () => {
                const answer = await background.execute(sql`
                  select extract(epoch from statement_timestamp())::float8 as began,
                    extract(epoch from (select clock_timestamp() from pg_sleep(0.05)))::float8 as ended`)
                return rowsOf<{ began: number; ended: number }>(answer)[0] ?? { began: 0, ended: 0 }
              }),
            )
            const atOnce = spans.map(
              ({ began }) => spans.filter((one) => one.began <= began && began < one.ended).length,
            )
            return Math.max(...atOnce)
          }
          const seen: number[] = []
          // Again and again, because a slow server may take long to open the second connection.
          await eventually('all of the share', 20, async () => {
            seen.push(await mostAtOnce())
            expect(seen.at(-1)).toBeGreaterThanOrEqual(share)
          })
          expect(Math.max(...seen)).toBe(share)
        })
    })

    test('does not report a transaction as committed that went on after a fault', async () => {
      await withDatabase({}, async (opened) => {
        const fault = await faultOf(
          opened.db.transaction(async (tx) => {
            await keep(tx, 'before')
            await tx.execute(sql`select 1 / 0`).catch(() => {})
          }),
        )
        expect(fault).toMatchObject({ message: 'a transaction went on after a fault' })
        expect(await kept(opened)).toEqual([])
      })
    })

    test('runs no statement of an ended transaction in the next one', async () => {
      await withDatabase({ poolSize: 1 }, async (opened) => {
        let left: Handle | null = null
        await opened.db.transaction(async (tx) => {
          left = tx
        })
        const late = faultOf(keep(left ?? opened.db, 'late'))
        expect(await late).toMatchObject({ message: 'the transaction is over' })
        expect(await kept(opened)).toEqual([])
      })
    })

    test('runs parallel statements of one transaction one after the other', async () => {
      await withDatabase({ poolSize: 1 }, async (opened) => {
        const answers = await opened.db.transaction((tx) =>
          Promise.all([1, 2, 3].map((number) => rows(tx, `select ${number} as number`))),
        )
        expect(answers.flat()).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }])
      })
    })

    test('keeps its rate with five times as many callers as connections', async () => {
      const rate = async ({ db }: Database, callers: number) => {
        const until = performance.now() + 700
        let answered = 0
        const call = async () => {
          for (; performance.now() < until; answered += 1)
            await db.execute(sql`select ${answered}::integer`)
        }
        await Promise.all(Array.from({ length: callers }, call))
        return answered
      }
      await withDatabase({ poolSize: 4 }, (calm) =>
        withDatabase({ poolSize: 4 }, async (crowded) => {
          const held: number[] = []
          for (let round = 0; round < 4; round += 1) {
            const alone = await rate(calm, 4)
            held.push((await rate(crowded, 20)) / alone)
          }
          // It falls more and more where it falls, and neighbours of this machine come and go.
          expect(Math.max(...held.slice(2))).toBeGreaterThan(0.5)
        }),
      )
    }, 15_000)
  })

  const keep = (handle: Handle, name: string) =>
    handle.execute(
      sql`insert into idempotency_keys (key_mac, body_mac, claimed_at) values (${name}::text, 'b', now())`,
    )
  const kept = async ({ db }: Database) => {
    return (await rows(db, 'select key_mac from idempotency_keys order by 1')).map(
      (row) => row['key_mac'],
    )
  }
}
