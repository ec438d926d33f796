import { describe, expect, test } from 'bun:test'
import { findClashes } from '../../../src/adapters/pact/find-clashes.ts'
import { readContract } from '../../../src/adapters/pact/read-contract.ts'
import { writtenPact } from '../../support/builders/events/given-contract.ts'

type Messages = Parameters<typeof writtenPact>[1]

const clashes = (first: Messages, second: Messages) =>
  findClashes(
    [writtenPact('backend', first), writtenPact('social', second)].map((text) => {
      const read = readContract(text)
      if (!read.ok) throw new Error(read.refusal)
      return read.value
    }),
  )
const loose = { body: { '$.email': {} }, metadata: { 'ce-id': {} } }

describe('two contracts under the same description and state', () => {
  test('that need different values are refused, naming both and the field', () => {
    expect(clashes([{ content: { role: 'user' } }], [{ content: { role: 'admin' } }])).toEqual([
      'backend and social both ask for “somebody new” in the state “user registered” and need different answers ($.role): choose another description, or another state.',
    ])
  })

  test('that need different subjects are refused', () => {
    const [refusal = ''] = clashes(
      [{ metadata: { subject: 'user.events' } }],
      [{ metadata: { subject: 'user.events.v2' } }],
    )
    expect(refusal).toContain('(subject)')
  })

  test('that need a text and null are refused, whatever loosens the text', () => {
    const [refusal = ''] = clashes(
      [{ content: { email: 'a@example.com' }, matchingRules: loose }],
      [{ content: { email: null } }],
    )
    expect(refusal).toContain('($.email)')
  })

  test('stand together when a rule lets both values be', () => {
    const [one, other] = [{ 'ce-id': 'a' }, { 'ce-id': 'b' }]
    expect(clashes([{ metadata: one, matchingRules: loose }], [{ metadata: other }])).toEqual([])
  })

  test('stand together when a rule for the whole body lets both be', () => {
    const matchingRules = { body: { $: {} } }
    expect(clashes([{ content: { a: 'x' }, matchingRules }], [{ content: { a: 'y' } }])).toEqual([])
  })

  test('stand together when they read different fields', () => {
    expect(clashes([{ content: { role: 'user' } }], [{ content: { isActive: true } }])).toEqual([])
  })
})

describe('two contracts', () => {
  test.each([
    ['description', { description: 'another' }],
    ['state', { states: [{ name: 'user updated' }] }],
    ['subject in the state', { states: [{ name: 'user registered', params: { subject: 's' } }] }],
  ])('stand together when their %s differs', (_, other) => {
    expect(clashes([{ content: { a: 1 } }], [{ content: { a: 2 }, ...other }])).toEqual([])
  })
})
