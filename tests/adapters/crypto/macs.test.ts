import { describe, expect, test } from 'bun:test'
import { makeMacs } from '../../../src/adapters/crypto/macs.ts'

const key = (id: string, fill: number) => ({ id, secret: new Uint8Array(32).fill(fill) })

describe('MACs', () => {
  test('the same text with the same purpose has one MAC, which does not show the text', () => {
    const macs = makeMacs([key('a', 1)])
    const name = macs.of('identifier', 'user@example.com')
    expect(name).toBe(makeMacs([key('renamed', 1)]).of('identifier', 'user@example.com'))
    expect(name).toMatch(/^[\w-]{43}$/)
  })

  test('purposes, texts and keys each change the MAC', () => {
    const macs = makeMacs([key('a', 1)])
    const names = new Set([
      macs.of('identifier', 'x'),
      macs.of('idempotency-key', 'x'),
      macs.of('idempotency-body', 'x'),
      macs.of('identifier', 'y'),
      makeMacs([key('a', 2)]).of('identifier', 'x'),
    ])
    expect(names.size).toBe(5)
  })

  test('only the first key is used', () => {
    const before = makeMacs([key('a', 1)]).of('identifier', 'x')
    expect(makeMacs([key('a', 1), key('b', 2)]).of('identifier', 'x')).toBe(before)
  })

  test('an empty list and a short secret are refused at start', () => {
    expect(() => makeMacs([])).toThrow('no MAC key')
    expect(() => makeMacs([{ id: 'a', secret: new Uint8Array(8) }])).toThrow('32 bytes')
  })
})
