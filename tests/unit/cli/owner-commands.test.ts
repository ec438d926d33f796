import { describe, expect, test } from 'bun:test'
import type { OwnerCommandNeeds } from '../../../src/adapters/cli/owner-commands.ts'
import { makeOwnerCommands } from '../../../src/adapters/cli/owner-commands.ts'
import { makeOwnSigningKeys } from '../../../src/adapters/crypto/own-signing-keys.ts'
import type { SigningKeys } from '../../../src/adapters/crypto/signing-keys.ts'
import { generateSigningKeys } from '../../../src/adapters/crypto/signing-keys.ts'
import {
  makeRetireSigningKeys,
  makeRotateSigningKeys,
} from '../../../src/application/sessions/change-signing-keys.ts'
import { fail, ok } from '../../../src/domain/shared/result.ts'
import type { OwnKeys } from '../../../src/main/lifecycle/own-keys.ts'
import type { AuditEntry } from '../../../src/ports/driven/audit/audit-trail.ts'
import {
  SYNC_REPORT,
  SYNC_STATE,
  SYNC_STATUS,
} from '../../support/builders/migration/sync-status.ts'

const NOON = Date.UTC(2026, 5, 1, 12)

const given = (overrides: Partial<OwnerCommandNeeds> & { readonly keyFile?: null } = {}) => {
  let own: OwnKeys = { signingKeys: generateSigningKeys(), refreshKey: 'unused', rotatedAt: null }
  let present: SigningKeys = own.signingKeys
  let now = NOON
  const audited: AuditEntry[] = []
  const file = {
    read: async () => own,
    write: async (keys: OwnKeys) => {
      own = keys
    },
  }
  const replaceKeys = async (keys: SigningKeys) => {
    present = keys
  }
  const keyNeeds = {
    ownKeys: overrides.keyFile === null ? null : makeOwnSigningKeys(file, replaceKeys),
    accessTokenSeconds: 600,
    audit: {
      append: async (entry: AuditEntry) => {
        audited.push(entry)
      },
    },
    clock: () => new Date(now),
  }
  const run = makeOwnerCommands({
    createAdmin: async () => fail({ kind: 'email-taken' }),
    unlockUser: async () => fail({ kind: 'not-found' }),
    replayEvents: async () => ok({ replayed: 0 }),
    countReplay: async () => ok({ replayable: 0 }),
    discardEvents: async () => ok({ discarded: 0 }),
    readSyncStatus: async () => SYNC_STATUS,
    changeSyncMode: async () => ok(SYNC_STATE),
    listDeadLetters: async () => ok({ items: [], next: null }),
    redriveDeadLetters: async () => ok({ redriven: 0, malformed: 0 }),
    dismissDeadLetters: async () => ok({ dismissed: 0 }),
    sendSnapshot: async () => ok({ sent: 0, next: null }),
    countSnapshot: async () => ok({ users: 0 }),
    sendEvents: async () => ok({ sent: 0, next: null }),
    countEvents: async () => ok({ events: 0 }),
    rebaseEvents: async () =>
      ok({ by: 1_000_000, lifted: 2, liftedBefore: 0, deleted: 0, deletedBefore: 0 }),
    isBrokerReachable: () => true,
    reportSync: async () => SYNC_REPORT,
    ledger: { read: async () => ({ entries: [], next: null }), beforeLast: async () => null },
    streams: null,
    provideConsumer: null,
    pause: async () => {},
    migrate: async () => ok({ applied: ['0001_accounts.sql'] }),
    readSchemaState: async () => 'current',
    rotateSigningKeys: makeRotateSigningKeys(keyNeeds),
    retireSigningKeys: makeRetireSigningKeys(keyNeeds),
    log: () => {},
    ...overrides,
  })
  return {
    run,
    audited,
    statuses: () => present.map(({ status }) => status),
    kids: () => present.map(({ kid }) => kid),
    isStored: () => present === own.signingKeys,
    pass: (seconds: number) => {
      now += seconds * 1000
    },
  }
}

describe('keys that the service keeps itself', () => {
  test('rotate by one step, are used and stored at once, and the rotation is audited', async () => {
    const { run, audited, statuses, kids, isStored } = given()
    const [active, next] = kids()
    expect(await run('keys-rotate', {})).toMatchObject({ exitCode: 0 })
    expect(statuses()).toEqual(['retired', 'active', 'next'])
    expect(kids().slice(0, 2)).toEqual([active ?? '', next ?? ''])
    expect(isStored()).toBe(true)
    expect(audited.map(({ action }) => action)).toEqual(['keys.changed'])
  })

  test('are retired only when the last token of theirs has expired', async () => {
    const { run, pass, statuses } = given()
    await run('keys-rotate', {})
    pass(629)
    expect(await run('keys-retire', {})).toEqual({
      exitCode: 1,
      lines: [
        'Tokens of the retired key are valid until 2026-06-01T12:10:30.000Z. Retire the key after that. Nothing was changed.',
      ],
    })
    pass(1)
    expect(await run('keys-retire', {})).toMatchObject({ exitCode: 0 })
    expect(statuses()).toEqual(['active', 'next'])
  })

  test('none of which is retired stay as they are', async () => {
    const { run, audited } = given()
    expect(await run('keys-retire', {})).toMatchObject({ exitCode: 0 })
    expect(audited).toEqual([])
  })

  test('rotated twice at once rotate twice, one after the other', async () => {
    const { run, statuses } = given()
    await Promise.all([run('keys-rotate', {}), run('keys-rotate', {})])
    expect(statuses()).toEqual(['retired', 'retired', 'active', 'next'])
  })

  test('that the operator keeps are not changed', async () => {
    const { run, audited } = given({ keyFile: null })
    for (const name of ['keys-rotate', 'keys-retire'])
      expect(await run(name, {})).toMatchObject({ exitCode: 1 })
    expect(audited).toEqual([])
  })
})

describe('an administrator', () => {
  const admin = { email: 'ada@example.com', username: 'ada', password: 'canary canary canary' }

  test.each([
    null,
    'text',
    {},
    { ...admin, password: '' },
    { ...admin, password: '   ' },
    { ...admin, email: '' },
    { ...admin, username: 7 },
  ])('from the malformed input %j is never created [CF4]', async (input) => {
    let asked = 0
    const { run } = given({
      createAdmin: async () => {
        asked += 1
        return fail({ kind: 'email-taken' })
      },
    })
    expect(await run('admin-create', input)).toMatchObject({ exitCode: 1 })
    expect(asked).toBe(0)
  })

  test.each([
    [{ kind: 'email-taken' }, ['email address']],
    [{ kind: 'username-taken' }, ['username']],
    [{ kind: 'weak-password', field: 'password', weakness: 'too-common' }, ['too weak', 'common']],
    [
      { kind: 'weak-password', field: 'password', weakness: 'too-short', limit: 14 },
      ['too weak', 'at least 14 characters'],
    ],
    [
      { kind: 'weak-password', field: 'password', weakness: 'too-long' },
      ['too weak', 'at most 128 characters'],
    ],
    [
      { kind: 'invalid-request', problems: [{ field: 'email', code: 'not-an-email' }] },
      ['not valid', 'email: must be an address like ada@example.com'],
    ],
    [
      { kind: 'invalid-request', problems: [{ field: 'username', code: 'length' }] },
      ['not valid', 'username: must have 3 to 30 characters'],
    ],
    [
      { kind: 'invalid-request', problems: [{ field: 'username', code: 'characters' }] },
      ['username: may have letters, digits, _, . and -, and must start with a letter or a digit'],
    ],
    [
      { kind: 'invalid-request', problems: [{ field: 'username', code: 'mixed-scripts' }] },
      ['username: must use the letters of one script'],
    ],
    [
      { kind: 'invalid-request', problems: [{ field: 'username', code: 'confusable' }] },
      ['username: looks like the username of another account'],
    ],
    [
      { kind: 'invalid-request', problems: [{ field: 'password', code: 'not-text' }] },
      ['password: must be well-formed text'],
    ],
    [
      {
        kind: 'invalid-request',
        problems: [
          { field: 'email', code: 'not-an-email' },
          { field: 'password', code: 'too-short', limit: 9 },
        ],
      },
      ['email: must be', 'password: must have at least 9 characters'],
    ],
  ] as const)(
    'that is refused gets the reason and not the password: %j',
    async (refusal, words) => {
      const { run } = given({ createAdmin: async () => fail(refusal) })
      const outcome = await run('admin-create', admin)
      expect(outcome?.exitCode).toBe(1)
      for (const word of words) expect(outcome?.lines.join('\n')).toContain(word)
      expect(outcome?.lines.join('\n')).not.toContain('canary')
    },
  )
})

describe('an account to unlock', () => {
  test.each([null, 'text', {}, { account: '' }, { account: ' ' }, { account: 7 }])(
    'that the input %j does not name is not looked for [BF11]',
    async (input) => {
      let asked = 0
      const { run } = given({
        unlockUser: async () => {
          asked += 1
          return fail({ kind: 'not-found' })
        },
      })
      expect(await run('users-unlock', input)).toMatchObject({ exitCode: 1 })
      expect(asked).toBe(0)
    },
  )

  test('that does not exist is reported', async () => {
    const outcome = await given().run('users-unlock', { account: 'ada' })
    expect(outcome).toEqual({
      exitCode: 1,
      lines: ['There is no such account. Nothing was changed.'],
    })
  })
})

describe('the schema', () => {
  test('says which migrations were applied, or that there were none', async () => {
    expect((await given().run('migrate', {}))?.lines).toEqual(['Applied 0001_accounts.sql'])
    const upToDate = given({ migrate: async () => ok({ applied: [] }) })
    expect((await upToDate.run('migrate', {}))?.lines).toEqual(['The schema is up to date.'])
  })

  test('of a newer version is refused with 65', async () => {
    const { run } = given({ migrate: async () => fail({ kind: 'newer-schema' }) })
    expect(await run('migrate', {})).toMatchObject({ exitCode: 65 })
  })

  test.each([
    ['current', 0],
    ['older', 1],
    ['newer', 1],
  ] as const)('that is %s is reported with %d', async (state, exitCode) => {
    const { run } = given({ readSchemaState: async () => state })
    expect(await run('schema', {})).toMatchObject({ exitCode })
  })
})

describe('a command', () => {
  test.each(['', 'migrat', 'constructor', '__proto__'])(
    'named "%s" does not exist',
    async (name) => {
      expect(await given().run(name, {})).toBeUndefined()
    },
  )

  test('is logged, and at debug level when a tail repeats it every second', async () => {
    const logged: string[] = []
    const { run } = given({
      log: (level, event, fields) => logged.push(`${level} ${event} ${fields?.['command']}`),
    })
    await run('events-read', {})
    await run('events-replay', { channel: 'nats:user.events' })
    expect(logged).toEqual(['debug command.done events-read', 'info command.done events-replay'])
  })

  test('runs after one that failed', async () => {
    const { run } = given({ migrate: () => Promise.reject(new Error('no disk')) })
    await expect(run('migrate', {})).rejects.toThrow('no disk')
    expect(await run('schema', {})).toMatchObject({ exitCode: 0 })
  })
})
