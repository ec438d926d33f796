import { describe, expect, test } from 'bun:test'
import { NOON } from '../../support/builders/accounts/stored-users.ts'
import {
  BACKEND,
  givenRedrive,
  messageOf,
  SOCIAL,
} from '../../support/builders/events/given-dead-letters.ts'

const REQUEST = { consumer: 'backend', ids: ['1', '2'], reason: ' nobody reads version 0 \n' }

const given = () => {
  const site = givenRedrive()
  site.put(BACKEND, messageOf('ada', 1))
  site.putMalformed(BACKEND, messageOf('ada', 2), messageOf('ada', 3))
  site.put(SOCIAL, messageOf('ada', 4))
  return site
}

describe('dismissing dead letters', () => {
  test('records which and why before it removes them, publishes nothing, and leaves all others', async () => {
    const { dismiss, done, audited, left } = given()
    expect(await dismiss(REQUEST, null)).toEqual({ ok: true, value: { dismissed: 2 } })
    expect(done).toEqual(['audit', 'remove 1', 'remove 2'])
    expect(await left()).toEqual([3, 4])
    expect(audited).toEqual([
      {
        action: 'dead-letters.dismissed',
        result: 'ok',
        actorId: null,
        sessionId: null,
        addressPrefix: null,
        subjectId: null,
        details: '1,2 of backend: nobody reads version 0',
        at: NOON,
      },
    ])
  })

  test('removes nothing when it cannot be recorded', async () => {
    const { dismissWith, left } = given()
    const unrecorded = dismissWith(async () => {
      throw new Error('the audit trail is gone')
    })
    await expect(unrecorded(REQUEST, null)).rejects.toThrow('is gone')
    expect(await left()).toEqual([1, 2, 3, 4])
  })

  test('skips ids that are gone, given twice, or of another consumer', async () => {
    const { dismiss, audited, left } = given()
    const request = { ...REQUEST, ids: ['2', '2', '4', '99'] }
    expect(await dismiss(request, null)).toEqual({ ok: true, value: { dismissed: 1 } })
    expect(await left()).toEqual([1, 3, 4])
    expect(audited.map(({ details }) => details)).toEqual(['2 of backend: nobody reads version 0'])
  })

  test('of nothing that exists is not recorded', async () => {
    const { dismiss, audited } = given()
    const request = { ...REQUEST, ids: ['4', '99'] }
    expect(await dismiss(request, null)).toEqual({ ok: true, value: { dismissed: 0 } })
    expect(audited).toEqual([])
  })

  test('works for a consumer that is gone, as long as it has dead letters', async () => {
    const { dismiss, deadLetters, left } = given()
    deadLetters.put('gone' as typeof BACKEND, messageOf('ada', 5), NOON)
    const request = { ...REQUEST, consumer: 'gone', ids: ['5'] }
    expect(await dismiss(request, null)).toEqual({ ok: true, value: { dismissed: 1 } })
    expect(await left()).toEqual([1, 2, 3, 4])
  })

  test.each([
    [{ consumer: '' }, { kind: 'invalid-consumer' }],
    [{ consumer: '*' }, { kind: 'invalid-consumer' }],
    [{ consumer: 'nosuch' }, { kind: 'unknown-consumer' }],
    [{ ids: [] }, { kind: 'nothing-selected' }],
    [{ ids: ['1', '0'] }, { kind: 'invalid-id', index: 1 }],
    [{ ids: ['-1'] }, { kind: 'invalid-id', index: 0 }],
    [{ ids: [''] }, { kind: 'invalid-id', index: 0 }],
    [{ reason: '' }, { kind: 'no-reason' }],
    [{ reason: ' \t' }, { kind: 'no-reason' }],
    [{ reason: 'x'.repeat(501) }, { kind: 'no-reason' }],
    [{ reason: 'a\u202eb' }, { kind: 'no-reason' }],
    [{ reason: 'one\ntwo' }, { kind: 'no-reason' }],
  ] as const)('with %j is refused, and nothing is done', async (wrong, refusal) => {
    const { dismiss, done } = given()
    expect(await dismiss({ ...REQUEST, ...wrong }, null)).toEqual({ ok: false, refusal })
    expect(done).toEqual([])
  })
})
