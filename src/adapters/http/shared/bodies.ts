import type { TProperties } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'

// Well-formed UTF-16: no half of a surrogate pair. The pattern means the same with and without the u flag.
const WELL_FORMED = String.raw`^(?:[^\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])*$`
const WITHOUT_NUL = String.raw`^(?:[^\u0000\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])*$`
/** Absurdly long texts are refused here. The use cases know the true limits. */
const TEXT_MAXIMUM = 4096

/** The body of a request: an object whose unknown fields are refused. */
export const body = <Fields extends TProperties>(fields: Fields) =>
  Type.Object(fields, { additionalProperties: false })

/** Any text without NUL. */
export const text = (description: string) =>
  Type.String({ description, maxLength: TEXT_MAXIMUM, pattern: WITHOUT_NUL })

/** A password: any well-formed text. NUL is included, so that no two passwords become one. */
export const secret = (description: string) => Type.String({ description, pattern: WELL_FORMED })

export const newPassword = secret(
  'At least 12 characters, unless the service is configured otherwise, and at most 128',
)

export const refreshTransport = Type.Optional(
  Type.Literal('cookie', {
    description: 'For browsers: the refresh token comes as a cookie that scripts cannot read',
  }),
)
