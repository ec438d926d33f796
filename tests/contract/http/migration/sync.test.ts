import { describe, expect, test } from 'bun:test'
import { fail, ok } from '../../../../src/domain/shared/result.ts'
import type {
  ChangeSyncMode,
  TransitionObstacle,
} from '../../../../src/ports/driving/migration/sync-mode.ts'
import type { SyncReport } from '../../../../src/ports/driving/migration/sync-report.ts'
import { SYNC_REPORT, SYNC_STATE } from '../../../support/builders/migration/sync-status.ts'
import { bearer, givenApi, jsonRequest, USER, USER_ID } from '../given-api.ts'
import { problemCode } from '../given-routes.ts'

const PATH = '/v1/admin/sync'
const BODY = { mode: 'canary', percent: 10, reason: 'the first tenth' }

const put = (
  body: unknown,
  changeSyncMode: ChangeSyncMode = async () => ok(SYNC_STATE),
  ifMatch: string | null = '"4"',
): Promise<Response> => {
  const request = jsonRequest('PUT', body, 'admin')
  const headers = { ...request.headers, ...(ifMatch === null ? {} : { 'if-match': ifMatch }) }
  return givenApi({ changeSyncMode }).send(PATH, { ...request, headers })
}

describe('GET sync', () => {
  test('shows the mode with its epoch as entity tag, both channels, the consumers and the stream', async () => {
    const response = await givenApi().send(PATH, { headers: bearer('admin') })
    expect(response.headers.get('etag')).toBe('"4"')
    expect(await response.json()).toEqual({
      mode: 'events',
      percent: 100,
      dualWrite: false,
      epoch: 4,
      armed: false,
      reason: 'the settings',
      changedAt: '2026-11-24T10:00:00.000Z',
      changedBy: 'settings',
      settingsIgnored: false,
      consumers: [
        {
          name: 'chat',
          subject: 'user.events',
          pending: 2,
          ackPending: 1,
          redelivered: 0,
          oldestUnackedSeconds: 0.5,
        },
      ],
      channels: [
        {
          channel: 'nats:user.events',
          state: 'active',
          pending: 3,
          parked: 0,
          oldestPendingSeconds: 0.25,
          p50Ms: 4,
          p95Ms: 9,
          p99Ms: null,
          publishedLast5m: 12,
          failedLast5m: 1,
        },
      ],
      guard: { state: 'off', breaches: 0, heldUntil: null },
      stream: {
        name: 'USER_EVENTS',
        replicasConfigured: 3,
        replicasCurrent: 3,
        messages: 12,
        bytes: 7000,
      },
    })
  })

  test('is closed to users and moderators and open to administrators [AZ1]', async () => {
    const { send } = givenApi()
    const asked = await Promise.all(
      (['user', 'moderator', 'admin'] as const).map((role) =>
        send(PATH, { headers: bearer(role) }),
      ),
    )
    expect(asked.map(({ status }) => status)).toEqual([403, 403, 200])
  })
})

describe('GET sync report', () => {
  const REPORT = `${PATH}/report`
  const reported = async (changes: Partial<SyncReport> = {}) => {
    const reportSync = async () => ({ ...SYNC_REPORT, ...changes })
    const response = await givenApi({ reportSync }).send(REPORT, { headers: bearer('admin') })
    return response.json()
  }
  const held = (number: number) => ({ userId: USER_ID, ours: number, theirs: null })

  test('shows the verdict with its evidence, and the status that it is based on', async () => {
    const reasons = ['1 change out of order']
    const verdict = { isSafe: false, next: 'events', reasons }
    const outOfOrder = { events: 1, calls: 0 }
    expect(await reported({ verdict, outOfOrder, onlyCalls: 2 })).toEqual({
      verdict,
      hours: 31.5,
      onlyEvents: 0,
      onlyCalls: 2,
      outOfOrder,
      states: { result: 'not-compared', shards: [], differing: null, users: [] },
      status: await (await givenApi().send(PATH, { headers: bearer('admin') })).json(),
    })
  })

  test.each<[string, SyncReport['states'], object]>([
    ['no digest', 'unavailable', { result: 'unavailable', differing: null }],
    ['equal digests', { shards: [], users: [] }, { result: 'same', differing: 0 }],
    ['what is under way', { shards: [7], users: [] }, { result: 'same', shards: [7] }],
    ['no detail', { shards: [7], users: null }, { result: 'different', differing: null }],
    ['a user', { shards: [7], users: [held(3)] }, { result: 'different', users: [held(3)] }],
  ])('shows %s as it is', async (_, states, expected) => {
    expect(await reported({ states })).toMatchObject({ states: expected })
  })

  test('names a hundred differing users and counts the others', async () => {
    const users = Array.from({ length: 250 }, (_, number) => held(number))
    expect(await reported({ states: { shards: [7], users } })).toMatchObject({
      states: { differing: 250, users: users.slice(0, 100) },
    })
  })

  test('is closed to users and moderators, who learn nothing of it [AZ1]', async () => {
    let asked = 0
    const reportSync = async () => {
      asked += 1
      return SYNC_REPORT
    }
    const { send } = givenApi({ reportSync })
    for (const role of ['user', 'moderator'] as const)
      expect((await send(REPORT, { headers: bearer(role) })).status).toBe(403)
    expect(asked).toBe(0)
  })
})

describe('PUT sync', () => {
  test('passes on what was asked for, at which epoch and by whom', async () => {
    const asked: unknown[] = []
    const body = { ...BODY, dualWrite: true, confirmSilence: ['chat'], acceptGap: true }
    const response = await put(body, async (request, expected, caller) => {
      asked.push([request, expected, caller?.id])
      return ok(SYNC_STATE)
    })
    expect(response.status).toBe(200)
    expect(asked).toEqual([[body, [4], USER.id]])
  })

  test('passes on null for what the body leaves out', async () => {
    const asked: unknown[] = []
    await put({ mode: 'dual', reason: 'back' }, async (request) => {
      asked.push(request)
      return ok(SYNC_STATE)
    })
    expect(asked).toEqual([
      {
        mode: 'dual',
        reason: 'back',
        percent: null,
        dualWrite: null,
        confirmSilence: [],
        acceptGap: false,
      },
    ])
  })

  test('without If-Match answers 428, and changes nothing [AZ11]', async () => {
    const response = await put(
      BODY,
      async () => {
        throw new Error('it was asked')
      },
      null,
    )
    expect(response.status).toBe(428)
    expect(await problemCode(response)).toBe('precondition-required')
  })

  test('at another epoch answers 412 [AZ11]', async () => {
    const response = await put(BODY, async () => fail({ kind: 'version-mismatch' }))
    expect(response.status).toBe(412)
    expect(await problemCode(response)).toBe('version-mismatch')
  })

  const OBSTACLES: readonly (readonly [TransitionObstacle, string, RegExp])[] = [
    [{ kind: 'no-receiver' }, '#/mode', /BACKEND_SYNC_URL/],
    [{ kind: 'receiver-not-guarded' }, '#/mode', /\/problems\/mode-not-allowed/],
    [{ kind: 'receiver-silent' }, '#/mode', /\/problems\/mode-not-allowed/],
    [{ kind: 'held', until: new Date('2026-11-24T10:15:00Z') }, '#/mode', /10:15/],
    [{ kind: 'consumers-fall-silent', consumers: ['chat'] }, '#/confirmSilence', /chat/],
    [{ kind: 'consumers-fall-silent', consumers: null }, '#/confirmSilence', /Name them/],
  ]
  test.each(OBSTACLES)('refuses %j at %s, with the way out', async (obstacle, pointer, detail) => {
    const response = await put(BODY, async () => fail({ kind: 'mode-not-allowed', obstacle }))
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({
      code: 'mode-not-allowed',
      errors: [{ pointer, code: obstacle.kind, detail: expect.stringMatching(detail) }],
    })
  })

  test('the page of a mode that is not allowed shows what a receiver has to change', async () => {
    const page = await (await givenApi().send('/problems/mode-not-allowed')).text()
    expect(page).toContain('WHERE version &lt;')
  })

  test('says since when consumers received no events when a snapshot is needed', async () => {
    const silentSince = new Date('2026-10-01T00:00:00Z')
    const response = await put(BODY, async () => fail({ kind: 'snapshot-needed', silentSince }))
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({
      code: 'snapshot-needed',
      errors: [{ pointer: '#/acceptGap', detail: expect.stringContaining('2026-10-01') }],
    })
  })

  test.each([
    { mode: 'dual' },
    { mode: 'canary', percent: 101, reason: 'x' },
    { mode: 'canary', percent: 1.5, reason: 'x' },
    { mode: 'canary', percent: '10', reason: 'x' },
    { mode: 'http', confirmSilence: 'chat', reason: 'x' },
    { mode: 'http', silence: true, reason: 'x' },
    { mode: 7, reason: 'x' },
  ])('refuses the body %j', async (body) => {
    const response = await put(body)
    expect(response.status).toBe(422)
    expect(await problemCode(response)).toBe('invalid-request')
  })

  test.each([
    ['mode', 'unknown-mode'],
    ['reason', 'no-reason'],
  ] as const)('refuses a wrong %s as %s', async (field, code) => {
    const problem =
      field === 'mode'
        ? { field, code: 'unknown-mode' as const }
        : { field, code: 'no-reason' as const }
    const response = await put(BODY, async () => fail({ kind: 'invalid-sync-mode', problem }))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer: `#/${field}`, code }] })
  })
})
