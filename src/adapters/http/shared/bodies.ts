import type { TProperties } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { PASSWORD_MAXIMUM } from '../../../domain/passwords/password.ts'
import { textSchema } from './text-schema.ts'

/** Longer texts are refused where no use case knows the true limit. */
const TEXT_MAXIMUM = 4096

/** The body of a request: an object whose unknown fields are refused. */
export const body = <Fields extends TProperties>(fields: Fields) =>
  Type.Object(fields, { additionalProperties: false })

type Keywords = Omit<Parameters<typeof textSchema>[0], 'description'>
type Rules = NonNullable<Parameters<typeof textSchema>[1]>

/** A text that is checked here. */
export const text = (description: string, keywords: Keywords = {}, rules: Rules = {}) =>
  textSchema({ description, maxLength: TEXT_MAXIMUM, ...keywords }, rules)

const byUseCase = () => true

/** A text whose limits are documented here and checked by a use case. */
export const checkedText = (description: string, keywords: Keywords) =>
  textSchema({ description, ...keywords }, { accepts: byUseCase })

/** A password: any well-formed text. NUL is included, so that no two passwords become one. */
export const secret = (description: string) =>
  textSchema({ description, format: 'password' }, { accepts: byUseCase, hasNul: true })

/** The shortest new password, unless the installation sets another length. */
const PASSWORD_MINIMUM = 12

export const newPassword = textSchema(
  {
    $id: 'NewPassword',
    description:
      'The lengths are counted in characters, after normalization to NFC. An installation may ask for another minimum length: see /v1/auth/password-rules. Common passwords, and passwords made of names, are refused',
    format: 'password',
    minLength: PASSWORD_MINIMUM,
    maxLength: PASSWORD_MAXIMUM,
    examples: ['four quiet lanterns'],
  },
  { accepts: byUseCase, hasNul: true },
)

export const refreshTransport = Type.Optional(
  Type.Literal('cookie', {
    description: 'For browsers: the refresh token comes as a cookie that scripts cannot read',
  }),
)

/** The fields of a body whose values are texts, by name. Empty for anything that is no object. */
export const textsOf = (body: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(Array.isArray(body) || typeof body !== 'object' ? {} : Object(body)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
