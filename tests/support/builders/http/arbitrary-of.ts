import type { Arbitrary } from 'fast-check'
import fc from 'fast-check'
import type { Schema } from './listed-routes.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
)

/** Texts of each kind that a route knows, beside any text at all: without them nothing would get past the first check. */
const LIKELY: Readonly<Record<string, Arbitrary<string>>> = {
  email: fc.emailAddress(),
  username: fc.stringMatching(/^[a-z][a-z0-9]{5,20}$/),
  password: fc.stringMatching(/^[ -~]{12,40}$/),
  newPassword: fc.stringMatching(/^[ -~]{12,40}$/),
  avatar: fc.webUrl({ validSchemes: ['https'] }),
}

/** Texts so narrow that chance would hardly ever meet them. */
const NARROW: Readonly<Record<string, Arbitrary<string>>> = {
  codeVerifier: fc.stringMatching(/^[A-Za-z0-9._~-]{43,128}$/),
  codeChallenge: fc.stringMatching(/^[A-Za-z0-9_-]{43}$/),
  state: fc.stringMatching(/^[!-~]{1,512}$/),
}

/** Values that the schema accepts. Throws for a schema that it does not understand, so that none goes untried. */
export const arbitraryOf = (schema: Schema, name = ''): Arbitrary<unknown> => {
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((each: Schema) => arbitraryOf(each, name)))
  if (schema.type === 'null') return fc.constant(null)
  if (schema.type === 'string') return textOf(schema, name)
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'integer')
    return fc.integer({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1000 })
  if (schema.type === 'array')
    return fc.array(arbitraryOf(schema.items), { minLength: schema.minItems ?? 0, maxLength: 5 })
  if (schema.type === 'object') return objectOf(schema)
  throw new Error(`nothing makes values of ${JSON.stringify(schema)}`)
}

const textOf = ({ pattern, maxLength = Infinity }: Schema, name: string): Arbitrary<string> => {
  const narrow = NARROW[name]
  if (narrow !== undefined) return narrow
  const accepted = new RegExp(pattern ?? '')
  const texts = anyText.filter((text) => accepted.test(text) && text.length <= maxLength)
  const likely = LIKELY[name]
  return likely === undefined ? texts : fc.oneof({ weight: 3, arbitrary: likely }, texts)
}

const objectOf = ({ properties, required = [] }: Schema): Arbitrary<unknown> =>
  fc.record(
    Object.fromEntries(
      Object.entries<Schema>(properties).map(([name, schema]) => [name, arbitraryOf(schema, name)]),
    ),
    { requiredKeys: required },
  )

/** Values that the schema of an object refuses: another type, a member too many, too few, or of a wrong type. */
export const refusedBy = (schema: Schema): Arbitrary<unknown> => {
  const names: string[] = Object.keys(schema.properties)
  const wrong = fc.oneof(fc.integer(), fc.boolean(), fc.array(fc.anything()), fc.object())
  const broken = [
    fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null), fc.array(fc.jsonValue())),
    fc
      .tuple(arbitraryOf(schema), fc.string(), fc.jsonValue())
      .filter(([, name]) => !names.includes(name))
      .map(([body, name, value]) => merged(body, name, value)),
    fc
      .tuple(arbitraryOf(schema), fc.constantFrom(...names), wrong)
      .filter(([, name, value]) => !isOfType(schema.properties[name], value))
      .map(([body, name, value]) => merged(body, name, value)),
  ]
  const required: string[] = schema.required ?? []
  if (required.length > 0)
    broken.push(
      fc
        .tuple(arbitraryOf(schema), fc.constantFrom(...required))
        .map(([body, name]) => merged(body, name, undefined)),
    )
  return fc.oneof(...broken)
}

const isOfType = ({ type }: Schema, value: unknown): boolean => {
  if (type === 'array') return Array.isArray(value)
  return type === 'integer' ? Number.isInteger(value) : typeof value === type
}

const merged = (body: unknown, name: string, value: unknown): unknown =>
  typeof body === 'object'
    ? Object.fromEntries([...Object.entries(body ?? {}), [name, value]])
    : body
