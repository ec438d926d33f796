import { expect, test } from 'bun:test'
import type { ValueSchema } from '../../../packages/user-events/src/codec/schema-problems.ts'
import { schemaProblems } from '../../../packages/user-events/src/codec/schema-problems.ts'

const problemsOf = (field: ValueSchema, value: unknown) =>
  schemaProblems({ required: [], properties: { field } }, { field: value })

const TEXT = { type: 'string' } as const
/** One character, and two units of UTF-16. */
const WIDE = '😀'

test.each<[ValueSchema, unknown]>([
  [{ ...TEXT, minLength: 2 }, 'ab'],
  [{ ...TEXT, maxLength: 2 }, 'ab'],
  [{ ...TEXT, maxLength: 2 }, WIDE + WIDE],
  [{ ...TEXT, maxLength: 0 }, ''],
  [{ ...TEXT, pattern: '^.$' }, WIDE],
  [{ ...TEXT, format: 'uuid' }, '0198F3A2-1111-7000-8000-000000000009'],
  [{ ...TEXT, format: 'date-time' }, '2026-11-24T00:00:00.000Z'],
  [{ ...TEXT, format: 'unknown' }, 'anything'],
  [{ ...TEXT, enum: ['a', 'b'] }, 'b'],
  [{ const: 2 }, 2],
  [{ type: ['string', 'null'] }, null],
  [{ type: ['string', 'null'], maxLength: 1 }, null],
  [{ type: 'integer', minimum: 1, maximum: 3 }, 1],
  [{ type: 'integer', minimum: 1, maximum: 3 }, 3],
  [{ type: 'boolean' }, false],
  [{ type: 'array', maxItems: 2, uniqueItems: true, items: TEXT }, ['a', 'b']],
  [{ type: 'array', items: TEXT }, []],
])('%j takes %j', (schema, value) => {
  expect(problemsOf(schema, value)).toEqual([])
})

test.each<[ValueSchema, unknown, string]>([
  [{ ...TEXT, minLength: 2 }, WIDE, 'is shorter than 2'],
  [{ ...TEXT, maxLength: 2 }, 'abc', 'is longer than 2'],
  [{ ...TEXT, pattern: '^a$' }, 'b', 'does not match ^a$'],
  [{ ...TEXT, format: 'uuid' }, '0198f3a2-1111-7000-8000-00000000000', 'is not a uuid'],
  [{ ...TEXT, format: 'date-time' }, '2026-11-24', 'is not a date-time'],
  [{ ...TEXT, format: 'date-time' }, '2026-13-24T00:00:00Z', 'is not a date-time'],
  [{ ...TEXT, enum: ['a', 'b'] }, 'c', 'must be one of a, b'],
  [{ const: 2 }, 3, 'must be 2'],
  [TEXT, null, 'must be string'],
  [{ type: ['string', 'null'] }, 1, 'must be string or null'],
  [{ type: 'integer' }, 1.5, 'must be integer'],
  [{ type: 'integer' }, '1', 'must be integer'],
  [{ type: 'integer', minimum: 1 }, 0, 'is less than 1'],
  [{ type: 'integer', maximum: 3 }, 4, 'is more than 3'],
  [{ type: 'boolean' }, 'false', 'must be boolean'],
  [{ type: 'array' }, { length: 1 }, 'must be array'],
  [{ type: 'array', maxItems: 1 }, ['a', 'b'], 'has more than 1 items'],
  [{ type: 'array', uniqueItems: true }, ['a', 'b', 'a'], 'names one item twice'],
  [{ type: 'array', items: TEXT }, ['a', 1], 'holds something that must be string'],
])('%j refuses %j: it %s', (schema, value, problem) => {
  expect(problemsOf(schema, value)).toEqual([`field ${problem}`])
})

test('a required field may be null but not missing, and unknown fields are allowed', () => {
  const schema = { required: ['a', 'b'], properties: { a: { type: ['string', 'null'] } } }
  expect(schemaProblems(schema, { a: null, b: 1, more: true })).toEqual([])
  expect(schemaProblems(schema, { more: true })).toEqual(['a is missing', 'b is missing'])
  // Not a field of its own.
  expect(schemaProblems({ required: ['toString'], properties: {} }, {})).toEqual([
    'toString is missing',
  ])
})

test.each([[null], [[]], ['text'], [7]])('%j is no body', (body) => {
  expect(schemaProblems({ required: [], properties: {} }, body)).toEqual([
    'the body is not a JSON object',
  ])
})
