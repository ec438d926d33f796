import { ValueErrorType } from '@sinclair/typebox/errors'
import type { PasswordWeakness } from '../../../domain/passwords/password.ts'
import type { WeakPassword } from '../../../ports/driving/passwords/passwords.ts'
import type { InvalidFields } from '../../../ports/driving/shared/invalid-fields.ts'
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
  'unknown-parameter': 'The query has a parameter that this route does not know.',
  'unknown-field': 'This field is not known here.',
  required: 'This field is required.',
  'too-long': 'This is too long.',
  'too-short': 'This is too short.',
  'invalid-characters': 'This has characters that are not accepted.',
  'not-allowed': 'This is not one of the accepted values.',
  'wrong-type': 'This has the wrong type.',
  'not-an-email': 'This is not an email address.',
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
