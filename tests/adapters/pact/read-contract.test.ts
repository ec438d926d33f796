import { describe, expect, test } from 'bun:test'
import { readContract } from '../../../src/adapters/pact/read-contract.ts'
import { writtenPact } from '../../support/builders/events/given-contract.ts'

const refusalOf = (text: string) => {
  const read = readContract(text)
  return read.ok ? 'none' : read.refusal
}
const pactOf = (fields: object) =>
  JSON.stringify({ consumer: { name: 'web' }, provider: { name: 'auth-service' }, ...fields })

describe('reading a contract', () => {
  test('finds the messages of version 4 with what is shown and what loosens it', () => {
    const rules = { body: { '$.id': {} }, metadata: { 'ce-id': {} } }
    const [content, metadata] = [{ id: 'x' }, { 'ce-id': 'y' }]
    const states = [{ name: 'user updated', params: { subject: 'user.events.v2' } }]
    expect(
      readContract(writtenPact('web', [{ states, content, metadata, matchingRules: rules }])),
    ).toEqual({
      ok: true,
      value: {
        consumer: 'web',
        messages: [
          {
            description: 'somebody new',
            states: [{ name: 'user updated', parameters: { subject: 'user.events.v2' } }],
            shown: { body: content, metadata },
            rules,
          },
        ],
      },
    })
  })

  test('finds the messages of version 3, which stand apart', () => {
    const messages = [{ description: 'd', providerStates: [{ name: 's' }], contents: { a: 1 } }]
    const read = readContract(pactOf({ messages }))
    expect(read.ok && read.value.messages[0]?.shown).toEqual({ body: { a: 1 }, metadata: {} })
  })

  test('leaves requests to the verifier', () => {
    expect(readContract(pactOf({ interactions: [{ description: 'd', request: {} }] }))).toEqual({
      ok: true,
      value: { consumer: 'web', messages: [] },
    })
  })

  test.each([
    ['no JSON', '{', 'It is not JSON.'],
    ['null', 'null', 'It is not JSON.'],
    ['a list', '[]', 'It is not a Pact: consumer and provider have to be named.'],
    [
      'a consumer without a name',
      JSON.stringify({ consumer: {}, provider: { name: 'auth-service' } }),
      'It is not a Pact: consumer and provider have to be named.',
    ],
    ['no interaction', pactOf({}), 'It asks for nothing: there are no interactions.'],
    [
      'a synchronous message',
      pactOf({ interactions: [{ type: 'Synchronous/Messages' }] }),
      'It asks for a synchronous message; this service has none.',
    ],
    [
      'another provider',
      JSON.stringify({ consumer: { name: 'web' }, provider: { name: 'billing' } }),
      'It is a contract with “billing”; this service is called auth-service.',
    ],
  ])('refuses %s in one sentence', (_, text, refusal) => {
    expect(refusalOf(text)).toBe(refusal)
  })
})
