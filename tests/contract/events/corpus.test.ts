import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { schemaProblems } from '../../../packages/user-events/src/codec/schema-problems.ts'
import type { SchemaVersion, UserChange } from '../../../packages/user-events/src/index.ts'
import {
  decode,
  encode,
  toVersion1,
  USER_EVENT_V1_SCHEMA,
  USER_EVENT_V2_SCHEMA,
} from '../../../packages/user-events/src/index.ts'
import { ROOT } from '../../../scripts/repository.ts'

type Released = {
  readonly subject: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
}

const corpusOf = (version: SchemaVersion) => {
  const folder = join(ROOT, `contracts/user-events/corpus/v${version}`)
  return readdirSync(folder).map((name) => {
    const released: Released = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    const body = new TextEncoder().encode(JSON.stringify(released.body))
    return { name, version, released, message: { headers: released.headers, body } }
  })
}
const corpus = [...corpusOf(1), ...corpusOf(2)]

describe('an event that was once released', () => {
  test.each(corpus)(
    'is read as it was: version $version, $name',
    ({ version, released, message }) => {
      const decoded = decode(message, version)
      if (!decoded.ok) throw new Error(decoded.problem)
      expect<object>(decoded.event.data).toEqual(released.body)
    },
  )

  test.each(corpusOf(2))('of version 2 is read as version 1 too: $name', ({ message }) => {
    const [first, second] = [decode(message, 1), decode(message, 2)]
    if (!first.ok || !second.ok) throw new Error('refused')
    expect(first.event).toEqual({ ...second.event, data: first.event.data })
    expect(first.event.data).toMatchObject(toVersion1(second.event.data))
  })

  test.each(corpus)(
    'is written as it was: version $version, $name',
    ({ version, released, message }) => {
      const decoded = decode(message, version)
      if (!decoded.ok) throw new Error(decoded.problem)
      const { event } = decoded
      const { id: _, timestamp: __, ...state } = event.data
      const change: UserChange = {
        changed: [],
        emailVerified: false,
        ...state,
        eventId: event.eventId,
        userId: event.userId,
        version: event.version,
        occurredAt: event.occurredAt,
        traceparent: event.traceparent,
      }
      const envelope = {
        source: event.source,
        typePrefix: event.type.replace(/\.user\.[a-z]+$/, ''),
        channel: `nats:${released.subject}`,
        replayId: null,
      }
      expect(encode(change, envelope, version)).toEqual(message)
    },
  )
})

describe('the validator of the package', () => {
  const ajv = new Ajv2020({ allowUnionTypes: true, formats: { email: true, uri: true } })
  addFormats(ajv, ['uuid', 'date-time'])
  const schemas = { 1: USER_EVENT_V1_SCHEMA, 2: USER_EVENT_V2_SCHEMA } as const
  const judges = { 1: ajv.compile(schemas[1]), 2: ajv.compile(schemas[2]) } as const
  const strange = fc.oneof(
    fc.constantFrom(null, true, 0, 1, 1.5, -1, 2 ** 53, '', 'x', [], {}, ['a', 'a'], ['a'], [1]),
    fc.string({ unit: 'grapheme', maxLength: 120 }),
    fc.constantFrom('http://x', 'https://x', 'created', 'admin', '2026-02-28T10:00:00.000Z'),
    fc.uuid(),
  )

  test.each([1, 2] as const)('agrees with Ajv about version %d', (version) => {
    const bodies = corpusOf(version).map(({ released }) => released.body)
    const fields = Object.keys(schemas[version].properties)
    const altered = fc.record({
      body: fc.constantFrom(...bodies),
      change: fc.dictionary(fc.constantFrom(...fields, 'other'), strange, { maxKeys: 2 }),
      without: fc.option(fc.constantFrom(...fields)),
    })
    fc.assert(
      fc.property(altered, ({ body, change, without }) => {
        const kept = Object.entries({ ...body, ...change }).filter(([field]) => field !== without)
        const candidate = Object.fromEntries(kept)
        const isFine = schemaProblems(schemas[version], candidate).length === 0
        expect({ candidate, isFine }).toEqual({ candidate, isFine: judges[version](candidate) })
      }),
      { numRuns: 2000 },
    )
  })
})
