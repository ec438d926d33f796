import { ValueErrorType } from '@sinclair/typebox/errors'
import type { PasswordWeakness } from '../../../domain/passwords/password.ts'
import type { InvalidFields, WeakPassword } from '../../../ports/driving/accounts/accounts.ts'
import type { FieldError, Problem } from './problems.ts'

/** What a schema found; `value` and `message` may hold what was submitted and are never read. */
type Mismatch = {
  readonly type?: ValueErrorType
  readonly path?: string
  readonly errors?: readonly { First(): Mismatch | undefined }[]
}

const MOST_ERRORS = 10

const CODES: Partial<Record<ValueErrorType, string>> = {
  [ValueErrorType.ObjectAdditionalProperties]: 'unknown-field',
  [ValueErrorType.ObjectRequiredProperty]: 'required',
  [ValueErrorType.StringMaxLength]: 'too-long',
  [ValueErrorType.StringMinLength]: 'too-short',
  [ValueErrorType.StringPattern]: 'invalid-characters',
  [ValueErrorType.Literal]: 'not-allowed',
}

const DETAILS: Readonly<Record<string, string>> = {
  'unknown-parameter': 'The query holds a parameter that is not known here.',
  'unknown-field': 'This field is not known here.',
  required: 'This field is required.',
  'too-long': 'This is too long.',
  'too-short': 'This is too short.',
  'invalid-characters': 'This holds characters that are not accepted.',
  'not-allowed': 'This is not one of the accepted values.',
  'wrong-type': 'This has the wrong type.',
  'not-an-email': 'This is not an email address.',
  'not-a-display-name': 'A display name is 1 to 100 visible characters.',
  'not-an-https-url': 'This is not an https URL of at most 2048 characters.',
  length: 'A username has 3 to 30 characters.',
  characters:
    'A username is made of letters, digits, `_`, `.` and `-`, and begins with one of the first two.',
  'mixed-scripts': 'A username is written in one script.',
  reserved: 'This name is reserved.',
  confusable: 'This name looks like a reserved one.',
  'not-text': 'This is not well-formed text.',
  'not-readable': 'This is not a value that an earlier answer gave.',
  'out-of-range': 'This is not a whole number from 1 to 100.',
  repeated: 'This may be given once.',
  'not-an-id': 'This is not an id.',
  'not-an-instant': 'This is not an instant of RFC 3339, like 2026-11-24T00:00:00Z.',
  'not-after-from': 'This does not lie after `from`.',
  'unknown-channel': 'Events are not delivered on such a channel here.',
  'not-a-state': 'A state is 1 to 512 visible ASCII characters, given once.',
  'not-a-challenge': 'A code challenge is 43 characters of base64url, given once.',
  'not-s256': 'The only method is S256.',
  'unknown-mode': 'This is none of http, dual, canary and events.',
  'only-canary': 'Only canary takes a percentage.',
  'fixed-by-mode': 'In this mode it cannot be chosen.',
  'no-reason': 'A reason of 1 to 500 visible characters is needed.',
  'not-a-consumer': 'A consumer is named by 1 to 64 letters, digits, `-` and `_`.',
  'not-printable': 'This is not 1 to 255 printable ASCII characters.',
}

const WEAKNESSES = {
  'too-short': 'This password is shorter than this service accepts.',
  'too-long': 'This password is longer than 128 characters.',
  'too-common': 'This password is on the list of common passwords.',
  'made-of-names': 'This password is made of your names or of the name of this service.',
} as const satisfies Record<PasswordWeakness, string>

/** An error by its name in the request; the wording comes from the code. */
export const fieldError = (name: string, code: string): FieldError => ({
  pointer: name === '' ? '#' : `#/${name}`,
  code,
  detail: DETAILS[code] ?? 'This is not accepted here.',
})

export const invalidRequest = (...errors: readonly FieldError[]): Problem => ({
  code: 'invalid-request',
  errors,
})

/** What the schema of a body found, each place once. */
export const mismatches = (found: readonly Mismatch[]): Problem => {
  const byPointer = new Map<string, FieldError>()
  for (const mismatch of found) {
    const error = fieldError(safePath(mismatch), codeOf(mismatch))
    // A missing field is reported a second time as one of the wrong type.
    if (!byPointer.has(error.pointer)) byPointer.set(error.pointer, error)
  }
  return invalidRequest(...[...byPointer.values()].slice(0, MOST_ERRORS))
}

const codeOf = (mismatch: Mismatch): string => {
  const variant = mismatch.errors?.[0]?.First()
  if (mismatch.type === ValueErrorType.Union && variant !== undefined) return codeOf(variant)
  return (mismatch.type === undefined ? undefined : CODES[mismatch.type]) ?? 'wrong-type'
}

// The name of an unknown field is chosen by the sender, who may have mistaken a value for a name.
const ORDINARY_NAME = /^[a-z][a-z0-9]{0,31}$/i

const safePath = ({ path = '' }: Mismatch): string => {
  const [, name = ''] = path.split('/')
  return ORDINARY_NAME.test(name) ? name : ''
}

/** What a use case found. */
export const invalidFields = ({ problems }: InvalidFields): Problem =>
  invalidRequest(...problems.map(({ field, code }) => fieldError(field, code)))

export const weakPassword = ({ field, weakness }: WeakPassword): Problem => ({
  code: 'weak-password',
  errors: [{ pointer: `#/${field}`, code: weakness, detail: WEAKNESSES[weakness] }],
})
