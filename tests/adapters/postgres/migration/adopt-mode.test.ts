import { describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { v7 } from 'uuid'
import type { Database } from '../../../../src/adapters/postgres/driver/database.ts'
import { makeAdoptMode } from '../../../../src/application/migration/adopt-mode.ts'
import type { SyncMode } from '../../../../src/domain/migration/sync-mode.ts'
import { NOON, storedUser } from '../../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'
import { givenMode, modeOf } from '../../../support/builders/migration/given-mode.ts'

// The first copy of the database takes longest. No time limit of a test applies here.
await givenDatabase()

const given = async () => {
  const database = await givenDatabase()
  const stores = givenStores(database, ['nats:user.events', 'http:backend'])
  const warnings: unknown[] = []
  const adoptMode = (first: SyncMode, hasReceiver = true) =>
    makeAdoptMode({
      syncModes: stores.syncModes,
      first,
      hasReceiver,
      channels: ['nats:user.events'],
      log: (level, event, fields) => warnings.push([level, event, fields]),
      clock: () => NOON,
    })()
  return { ...stores, database, warnings, adoptMode }
}

/** Makes it look as if no events went to the broker since long before the ledger begins. */
const silentForLong = ({ db }: Database) =>
  db.execute(sql`update sync_mode set silent_since = now() - interval '40 days'`)

describe('a new installation', () => {
  test('has the mode that its settings say, from its first change on', async () => {
    const { adoptMode, syncModes, warnings, database } = await given()
    expect(await adoptMode(modeOf('canary', 5))).toMatchObject({ ok: true })
    expect(await syncModes.read()).toMatchObject({
      ...modeOf('canary', 5),
      epoch: 1,
      changedBy: 'settings',
      changedAt: NOON,
    })
    expect(warnings).toEqual([])
    const history = await database.db.execute(sql`select epoch, mode from sync_history`)
    expect(JSON.stringify(history)).toContain('canary')
  })

  test('keeps its mode when the settings differ later, and logs both once', async () => {
    const { adoptMode, syncModes, warnings } = await given()
    await adoptMode(modeOf('http'))
    await givenMode(syncModes, modeOf('dual'))
    expect(await adoptMode(modeOf('events'))).toMatchObject({ ok: true })
    expect((await syncModes.read()).mode).toBe('dual')
    expect(warnings).toEqual([
      ['warn', 'sync.settings-ignored', { settings: 'events', mode: 'dual' }],
    ])
    expect((await syncModes.deployment()).settings).toEqual(modeOf('events'))
  })

  test('that two instances start at the same time is set up once', async () => {
    const { syncModes } = await given()
    const begun = await Promise.all([
      syncModes.adoptFirstMode(modeOf('dual'), NOON),
      syncModes.adoptFirstMode(modeOf('http'), NOON),
    ])
    expect(begun.filter((isFirst) => isFirst)).toHaveLength(1)
  })
})

test('a mode with HTTP calls is refused where Backend cannot be called', async () => {
  for (const mode of [
    modeOf('http'),
    modeOf('dual'),
    modeOf('canary', 5),
    modeOf('events', undefined, true),
  ]) {
    const { adoptMode, syncModes } = await given()
    await adoptMode(mode)
    expect(await adoptMode(modeOf('events'), false)).toMatchObject({
      ok: false,
      refusal: { kind: 'no-receiver' },
    })
    await givenMode(syncModes, modeOf('events'))
    expect(await adoptMode(modeOf('events'), false)).toMatchObject({ ok: true })
  }
})

describe('after a silence longer than the ledger reaches', () => {
  const leave = (syncModes: Awaited<ReturnType<typeof given>>['syncModes'], acceptGap: boolean) =>
    syncModes.change(
      { ...modeOf('dual'), reason: 'a test', changedBy: 'owner', heldUntil: null },
      2,
      { acceptGap, backfillId: v7() },
    )

  test('a snapshot is needed, and the mode stays', async () => {
    const { adoptMode, syncModes, database } = await given()
    await adoptMode(modeOf('events'))
    await givenMode(syncModes, modeOf('http'))
    await silentForLong(database)
    expect(await leave(syncModes, false)).toMatchObject({
      ok: false,
      refusal: { kind: 'snapshot-needed', silentSince: expect.any(Date) },
    })
    expect((await syncModes.read()).mode).toBe('http')
  })

  test('the events that the ledger still has are enqueued when the gap is accepted', async () => {
    const subject = await given()
    await subject.adoptMode(modeOf('http'))
    await givenMode(subject.syncModes, modeOf('events'))
    await givenMode(subject.syncModes, modeOf('http'))
    await subject.syncModes.noteDeployment({ channels: ['nats:user.events', 'http:backend'] })
    await storedUser(subject)
    await silentForLong(subject.database)
    const { epoch } = await subject.syncModes.read()
    const change = {
      ...modeOf('dual'),
      reason: 'a test',
      changedBy: 'owner',
      heldUntil: null,
    } as const
    expect(
      await subject.syncModes.change(change, epoch, { acceptGap: true, backfillId: v7() }),
    ).toMatchObject({ ok: true, value: { backfilled: 1 } })
  })
})
