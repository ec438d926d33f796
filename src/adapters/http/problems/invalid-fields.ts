import { ValueErrorType } from '@sinclair/typebox/errors'
import type { WeakPassword } from '../../../ports/driving/passwords/passwords.ts'
import type { FieldProblem, InvalidFields } from '../../../ports/driving/shared/invalid-fields.ts'
import type { TextFault } from '../shared/text-schema.ts'
import { isTextSchema, textFault } from '../shared/text-schema.ts'
import type { FieldError, Problem } from './problems.ts'

/** What a schema found. `value` and `message` may hold what was submitted: an error never repeats them. */
type Mismatch = {
  readonly type?: ValueErrorType
  readonly path?: string
  readonly schema?: unknown
  readonly value?: unknown
  readonly errors?: readonly { First(): Mismatch | undefined }[]
}

const MOST_ERRORS = 10

const CODES: Partial<Record<ValueErrorType, string>> = {
  [ValueErrorType.ObjectAdditionalProperties]: 'unknown-field',
  [ValueErrorType.ObjectRequiredProperty]: 'required',
  [ValueErrorType.ArrayMaxItems]: 'too-long',
  [ValueErrorType.ArrayMinItems]: 'too-short',
  [ValueErrorType.Literal]: 'not-allowed',
}

const DETAILS: Readonly<Record<string, string>> = {
  'unknown-parameter': 'The query has a parameter that this route does not know.',
  'unknown-field': 'This field is not known here.',
  required: 'This field is required.',
  'invalid-characters': 'This has characters that are not accepted.',
  'not-allowed': 'This is not one of the accepted values.',
  'wrong-type': 'This has the wrong type.',
  'not-an-email': 'This is not an email address of at most 254 characters.',
  'not-a-display-name': 'A display name is 1 to 100 visible characters.',
  'not-an-https-url': 'This is not an https URL of at most 2048 characters.',
  length: 'A username has 3 to 30 characters.',
  characters:
    'A username has only letters, digits, `_`, `.` and `-`, and starts with a letter or a digit.',
  'mixed-scripts': 'All letters of a username must be of the same script.',
  reserved: 'This name is reserved.',
  confusable: 'This name looks like a reserved one.',
  'not-text': 'This is not well-formed text.',
  'not-readable': 'This is not a value from an earlier answer.',
  'out-of-range': 'This is not a whole number from 1 to 100.',
  repeated: 'This may be given only once.',
  'not-an-id': 'This is not an id.',
  'not-an-instant':
    'This is not a time in the format of RFC 3339, for example 2026-11-24T00:00:00Z.',
  'not-after-from': 'This must be later than `from`.',
  'unknown-channel': 'This service does not deliver events on a channel with this name.',
  'not-a-state': 'A state must be 1 to 512 visible ASCII characters, and given only once.',
  'not-a-challenge': 'A code challenge must be 43 characters of base64url, and given only once.',
  'not-s256': 'The only supported method is S256.',
  'unknown-mode': 'This must be http, dual, canary or events.',
  'only-canary': 'Only the mode canary takes a percentage.',
  'fixed-by-mode': 'This cannot be chosen in this mode.',
  'no-reason': 'A reason of 1 to 500 visible characters is required.',
  'not-a-consumer': 'The name of a consumer must be 1 to 64 letters, digits, `-` and `_`.',
  'too-common': 'This password is on the list of common passwords.',
  'made-of-names': 'This password is made of your names or of the name of this service.',
  'not-printable': 'This is not 1 to 255 printable ASCII characters.',
}

const counted = (limit: number, noun: string): string => `${limit} ${noun}${limit === 1 ? '' : 's'}`

/** The sentences that tell a limit. */
const tooLong = (limit: number, noun = 'character') =>
  `This may have at most ${counted(limit, noun)}.`
const tooShort = (limit: number, noun = 'character') =>
  `This must have at least ${counted(limit, noun)}.`

/** An error by its name in the request. The wording comes from the code, and from the limit in characters if there is one. */
export const fieldError = (name: string, code: string, limit?: number): FieldError => ({
  pointer: name === '' ? '#' : `#/${name}`,
  code,
  detail: detailOf(code, limit),
})

const detailOf = (code: string, limit?: number): string => {
  if (limit !== undefined && code === 'too-long') return tooLong(limit)
  if (limit !== undefined && code === 'too-short') return tooShort(limit)
  return DETAILS[code] ?? 'This is not accepted here.'
}

export const invalidRequest = (...errors: readonly FieldError[]): Problem => ({
  code: 'invalid-request',
  errors,
})

/** What the schema of a body found, and what else is wrong with its fields, each place once and fields before strangers. */
export const mismatches = (
  found: readonly Mismatch[],
  more: readonly FieldError[] = [],
): Problem => {
  const byPointer = new Map<string, FieldError>()
  // A missing field is reported a second time as one of the wrong type.
  for (const error of [...found.map(mismatchError), ...more])
    if (!byPointer.has(error.pointer)) byPointer.set(error.pointer, error)
  const errors = [...byPointer.values()]
  const isKnown = ({ code }: FieldError) => code !== 'unknown-field'
  return invalidRequest(
    ...[...errors.filter(isKnown), ...errors.filter((error) => !isKnown(error))].slice(
      0,
      MOST_ERRORS,
    ),
  )
}

const mismatchError = (mismatch: Mismatch): FieldError => {
  const { code, limit, detail } = faultOf(mismatch)
  const error = fieldError(safePath(mismatch), code, limit)
  return detail === undefined ? error : { ...error, detail }
}

const faultOf = (mismatch: Mismatch): TextFault => {
  const { type, schema, value, errors } = mismatch
  if (type === ValueErrorType.Union) {
    // A text that does not fit is more than a wrong type. Null may be the other variant.
    const variant = errors?.[0]?.First()
    const fault = variant === undefined ? null : faultOf(variant)
    return fault !== null && fault.code !== 'wrong-type'
      ? fault
      : { code: 'wrong-type', detail: typeDetail(schema) }
  }
  if (isTextSchema(schema) && typeof value === 'string')
    return textFault(schema, value) ?? { code: 'not-allowed' }
  const code = (type === undefined ? undefined : CODES[type]) ?? 'wrong-type'
  return { code, detail: schemaDetail(code, schema) }
}

type Keywords = { readonly [keyword in (typeof KEYWORDS)[number]]?: unknown }
const KEYWORDS = ['type', 'const', 'minimum', 'maximum', 'minItems', 'maxItems', 'anyOf'] as const

const keywordsOf = (schema: unknown): Keywords => Object(schema)

const schemaDetail = (code: string, schema: unknown): string | undefined => {
  const { const: value, minItems, maxItems } = keywordsOf(schema)
  if (code === 'wrong-type') return typeDetail(schema)
  if (code === 'not-allowed' && value !== undefined) return `This must be \`${String(value)}\`.`
  if (code === 'too-long') return tooLong(Number(maxItems), 'item')
  return code === 'too-short' ? tooShort(Number(minItems), 'item') : undefined
}

const typeDetail = (schema: unknown): string | undefined => {
  const name = typeName(schema)
  return name === undefined ? undefined : `This must be ${name}.`
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
}

const typeName = (schema: unknown): string | undefined => {
  const { type, minimum, maximum, anyOf } = keywordsOf(schema)
  if (Array.isArray(anyOf)) return anyOf.map(typeName).join(' or ')
  if (type === 'integer')
    return minimum === undefined || maximum === undefined
      ? 'a whole number'
      : `a whole number from ${minimum} to ${maximum}`
  return TYPES[String(type)]
}

// The name of an unknown field is chosen by the sender, who may have mistaken a value for a name.
const ORDINARY_NAME = /^[a-z][a-z0-9]{0,31}$/i
const INDEX = /^\d{1,4}$/

const safePath = ({ path = '' }: Mismatch): string => {
  const [, name = '', index = ''] = path.split('/')
  if (!ORDINARY_NAME.test(name)) return ''
  return INDEX.test(index) ? `${name}/${index}` : name
}

/** What a use case found, as the errors of a body. */
export const fieldErrors = (problems: readonly FieldProblem[]): readonly FieldError[] =>
  problems.map(({ field, code, limit }) => fieldError(field, code, limit))

/** What a use case found. */
export const invalidFields = ({ problems }: InvalidFields): Problem =>
  invalidRequest(...fieldErrors(problems))

export const weakPassword = ({ field, weakness, limit }: WeakPassword): Problem => ({
  code: 'weak-password',
  errors: [fieldError(field, weakness, limit)],
})
