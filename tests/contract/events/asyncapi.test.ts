import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { AsyncAPIDocumentInterface, MessageInterface } from '@asyncapi/parser'
import { fromFile, Parser } from '@asyncapi/parser'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import {
  DEAD_LETTER_REASONS,
  redriven,
  writeDeadLetter,
} from '../../../packages/user-events/src/index.ts'
import { ROOT } from '../../../scripts/repository.ts'
import { USER_STATES } from '../../../src/adapters/pact/user-states.ts'
import { findPublishedMessage } from '../../../src/main/compose/commands/contracts.ts'

// docs/asyncapi.yaml as the tools of other teams read it.

const PATH = join(ROOT, 'docs/asyncapi.yaml')

const parsed = async (): Promise<AsyncAPIDocumentInterface> => {
  const { document } = await fromFile(new Parser(), PATH).parse()
  if (document === undefined) throw new Error('docs/asyncapi.yaml cannot be parsed')
  return document
}
const document = await parsed()

const messageOf = (id: string): MessageInterface => {
  const message = document.components().messages().get(id)
  if (message === undefined) throw new Error(`there is no message ${id}`)
  return message
}

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true })
addFormats(ajv)
// The parser writes a name into each schema.
ajv.addVocabulary(['x-parser-schema-id'])
/** Where headers or a body break what the document says of a message. */
const problemsOf = (part: 'headers' | 'payload', id: string, value: unknown): string[] => {
  const schema = messageOf(id)[part]()?.json()
  if (schema === undefined) throw new Error(`the ${part} of ${id} are not described`)
  // A payload comes together with the name of its schema language.
  const isValid = ajv.compile(structuredClone(Object(schema)['schema'] ?? schema))
  return isValid(value)
    ? []
    : (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

const operations = (tag: string) =>
  document
    .operations()
    .all()
    .filter((operation) => operation.tags().has(tag))
    .map((operation) => [operation.action(), operation.channels().all()[0]?.address()])

describe('the AsyncAPI document', () => {
  test('has what a consumer does: it receives events and its own messages, and sends dead letters', () => {
    expect(operations('consumer').sort()).toEqual([
      ['receive', 'direct.user.events.{consumer}'],
      ['receive', 'user.events'],
      ['receive', 'user.events.v1'],
      ['receive', 'user.events.v2'],
      ['send', 'dlq.user.events.{consumer}'],
    ])
  })

  test('has the other half as what this service does', () => {
    const opposite = { receive: 'send', send: 'receive' } as const
    const expected = operations('consumer').map(([action, address]) => [
      opposite[action as keyof typeof opposite],
      address,
    ])
    expect(operations('service').sort()).toEqual(expected.sort())
    expect(document.operations().all()).toHaveLength(2 * expected.length)
  })

  test('says how a client signs in to NATS', () => {
    const requirements = document
      .servers()
      .all()
      .flatMap((server) => server.security())
    const types = requirements.flatMap((one) => one.all().map((each) => each.scheme().type()))
    expect(types).toEqual(['userPassword'])
  })

  test('names every reason of a dead letter, with an example of each', () => {
    const reason = messageOf('deadLetter').headers()?.property('dead-letter-reason')
    expect(reason?.enum()).toEqual([...DEAD_LETTER_REASONS])
    for (const known of DEAD_LETTER_REASONS) expect(reason?.description()).toContain(known)
    const examples = messageOf('deadLetter').examples().all()
    expect(examples.map((example) => example.headers()?.['dead-letter-reason'])).toEqual([
      ...DEAD_LETTER_REASONS,
    ])
  })

  test.each(['version1', 'version2', 'deadLetter'])('has only valid examples of %s', (id) => {
    const examples = messageOf(id).examples().all()
    expect(examples).not.toBeEmpty()
    for (const example of examples) {
      expect(problemsOf('headers', id, example.headers())).toEqual([])
      expect(problemsOf('payload', id, example.payload())).toEqual([])
    }
  })
})

const published = (subject: string) =>
  [...USER_STATES.keys()].map((name) => {
    const found = findPublishedMessage([{ name, parameters: { subject } }])
    if (!found.ok) throw new Error(found.refusal)
    return found.value
  })
const note = {
  ...{ consumer: 'team_1', detail: 'außer Betrieb', attempts: 3, stream: 'USER_EVENTS' },
  ...{ sequence: 12, subject: 'user.events', at: new Date('2026-11-24T00:00:00.000Z') },
}
const letters = DEAD_LETTER_REASONS.flatMap((reason) =>
  published('user.events').map((message) =>
    writeDeadLetter(message, { ...note, reason }, '2026-11-01T08:00:00Z'),
  ),
)

describe('what the AsyncAPI document says of headers', () => {
  test.each([
    ['user.events', 'version1'],
    ['user.events.v1', 'version1'],
    ['user.events.v2', 'version2'],
  ])('holds for each message on %s, and for it redriven', (subject, id) => {
    for (const message of published(subject)) {
      expect(problemsOf('headers', id, message.headers)).toEqual([])
      expect(problemsOf('headers', id, redriven(message, 'a-redrive').headers)).toEqual([])
    }
  })

  test('holds for each dead letter that the package writes', () => {
    for (const { headers } of letters)
      expect(problemsOf('headers', 'deadLetter', headers)).toEqual([])
  })

  test.each([
    ['dead-letter-reason', 'no idea'],
    ['dead-letter-attempts', '0'],
    ['dead-letter-sequence', 'first'],
    ['dead-letter-consumer', 'a.b'],
    ['dead-letter-at', 'yesterday'],
    ['Nats-Msg-Id', '0198f3a2-1111-7000-8000-000010000001:nats:user.events'],
  ])('refuses a dead letter whose %s is %s', (name, value) => {
    const [letter] = letters
    const headers = { ...letter?.headers, [name]: value }
    expect(problemsOf('headers', 'deadLetter', headers)).toEqual([
      expect.stringContaining(`/${name}`),
    ])
  })

  test.each([
    ['ce-sequence', '1'],
    ['ce-id', 'x'],
    ['ce-subject', 'x'],
    ['ce-type', 'com.example.auth.user.restored'],
    ['ce-time', '24.11.2026'],
    ['ce-specversion', '0.3'],
  ])('refuses an event whose %s is %s', (name, value) => {
    const [message] = published('user.events')
    const headers = { ...message?.headers, [name]: value }
    expect(problemsOf('headers', 'version1', headers)).toEqual([
      expect.stringContaining(`/${name}`),
    ])
  })
})
