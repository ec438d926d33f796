import { describe, expect, test } from 'bun:test'
import {
  administratorEntry,
  operatorEntry,
  ownAccountEntry,
  refusedEntry,
  sessionStartedEntry,
} from '../../../src/application/audit/audit-entries.ts'
import { HOME, NOON, sessionOf } from '../../support/builders/accounts/stored-users.ts'
import { givenUserId } from '../../support/builders/events/given-events.ts'

const USER = givenUserId(1)
const SESSION = sessionOf({ id: USER })

describe('an entry of the audit trail', () => {
  test('has the user as actor and subject when the user acts on the own account', () => {
    const place = { sessionId: SESSION.id, addressPrefix: HOME, at: NOON }
    const entry = { actorId: USER, subjectId: USER, ...place }
    expect(ownAccountEntry('session.ended', USER, place)).toEqual({
      action: 'session.ended',
      result: 'ok',
      ...entry,
    })
    expect(ownAccountEntry('password.changed', USER, { ...place, result: 'refused' })).toEqual({
      action: 'password.changed',
      result: 'refused',
      ...entry,
    })
  })

  test('of a started session has the instant of the session', () => {
    expect(sessionStartedEntry('sign-in.succeeded', SESSION, HOME)).toEqual({
      action: 'sign-in.succeeded',
      result: 'ok',
      actorId: USER,
      subjectId: USER,
      sessionId: SESSION.id,
      addressPrefix: HOME,
      at: SESSION.createdAt,
    })
  })

  test('has no actor when a client that did not prove who it is was refused', () => {
    const rest = { addressPrefix: HOME, identifierMac: 'mac', at: NOON }
    for (const subjectId of [USER, null])
      expect(refusedEntry('sign-in.failed', subjectId, rest)).toEqual({
        action: 'sign-in.failed',
        result: 'refused',
        actorId: null,
        subjectId,
        ...rest,
      })
  })

  test('has neither actor nor address when the service or its owner acts', () => {
    const empty = { actorId: null, subjectId: null, addressPrefix: null }
    expect(operatorEntry('keys.changed', { at: NOON })).toEqual({
      action: 'keys.changed',
      result: 'ok',
      ...empty,
      at: NOON,
    })
    expect(operatorEntry('admin.created', { subjectId: USER, at: NOON })).toMatchObject({
      subjectId: USER,
    })
  })

  test('has the session of the administrator, or no actor for the owner at the command line', () => {
    const caller = { id: USER, email: null, role: 'admin' as const, session: SESSION }
    const rest = { subjectId: null, details: 'http to dual', at: NOON }
    expect(administratorEntry('sync.changed', caller, rest)).toEqual({
      action: 'sync.changed',
      result: 'ok',
      actorId: USER,
      sessionId: SESSION.id,
      addressPrefix: HOME,
      ...rest,
    })
    expect(administratorEntry('sync.changed', null, rest)).toMatchObject({
      actorId: null,
      sessionId: null,
      addressPrefix: null,
    })
  })
})
