import { describe, expect, test } from 'bun:test'
import {
  describeMode,
  followsEvents,
  isBack,
  isForward,
  isSameMode,
  makeSyncMode,
} from '../../../src/domain/migration/sync-mode.ts'
import { modeOf } from '../../support/builders/migration/given-mode.ts'

describe('a mode of synchronisation', () => {
  test.each([
    ['http', null, null, { percent: 0, dualWrite: false }],
    ['http', 0, false, { percent: 0, dualWrite: false }],
    ['dual', null, null, { percent: 0, dualWrite: true }],
    ['dual', null, true, { percent: 0, dualWrite: true }],
    ['canary', 0, null, { percent: 0, dualWrite: false }],
    ['canary', 100, true, { percent: 100, dualWrite: true }],
    ['events', null, null, { percent: 100, dualWrite: false }],
    ['events', 100, true, { percent: 100, dualWrite: true }],
  ] as const)('%s of %p, written twice %p, is complete', (mode, percent, dualWrite, parts) => {
    expect(makeSyncMode(mode, percent, dualWrite)).toEqual({ mode, ...parts })
  })

  test.each([
    ['canary', null, null, { field: 'percent', code: 'required' }],
    ['canary', 101, null, { field: 'percent', code: 'out-of-range' }],
    ['canary', -1, null, { field: 'percent', code: 'out-of-range' }],
    ['canary', 0.5, null, { field: 'percent', code: 'out-of-range' }],
    ['canary', Number.NaN, null, { field: 'percent', code: 'out-of-range' }],
    ['dual', 10, null, { field: 'percent', code: 'only-canary' }],
    ['events', 99, null, { field: 'percent', code: 'only-canary' }],
    ['http', 100, null, { field: 'percent', code: 'only-canary' }],
    ['http', null, true, { field: 'dualWrite', code: 'fixed-by-mode' }],
    ['dual', null, false, { field: 'dualWrite', code: 'fixed-by-mode' }],
  ] as const)(
    '%s of %p, written twice %p, contradicts itself',
    (mode, percent, dualWrite, problem) => {
      expect(makeSyncMode(mode, percent, dualWrite)).toEqual(problem)
    },
  )

  test('goes forward from http over dual and canary to events, and back', () => {
    const ladder = [
      modeOf('http'),
      modeOf('dual'),
      modeOf('canary', 1),
      modeOf('canary', 50),
      modeOf('events'),
    ]
    ladder.forEach((lower, index) => {
      for (const higher of ladder.slice(index + 1)) {
        expect([isForward(lower, higher), isBack(lower, higher)]).toEqual([true, false])
        expect([isForward(higher, lower), isBack(higher, lower)]).toEqual([false, true])
      }
      expect([isForward(lower, lower), isBack(lower, lower)]).toEqual([false, false])
    })
  })

  test('is the same only in all its parts', () => {
    expect(isSameMode(modeOf('canary', 5), modeOf('canary', 5))).toBe(true)
    expect(isSameMode(modeOf('canary', 5), modeOf('canary', 6))).toBe(false)
    expect(isSameMode(modeOf('events'), modeOf('events', undefined, true))).toBe(false)
    expect(isSameMode(modeOf('canary', 100), modeOf('events'))).toBe(false)
  })

  test('has Backend follow events in canary and events alone', () => {
    const all = [modeOf('http'), modeOf('dual'), modeOf('canary', 0), modeOf('events')]
    expect(all.map(followsEvents)).toEqual([false, false, true, true])
  })

  test('is described in words', () => {
    expect(describeMode(modeOf('dual'))).toBe('dual')
    expect(describeMode(modeOf('canary', 10))).toBe('canary at 10 %')
    expect(describeMode(modeOf('events', undefined, true))).toBe('events, with calls for everybody')
  })
})
