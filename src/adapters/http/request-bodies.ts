import type { TProperties } from '@sinclair/typebox'
import { t } from 'elysia'

// Well-formed UTF-16, that is no half of a surrogate pair, in a form that means the same with and without the u flag.
const WELL_FORMED = String.raw`^(?:[^\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])*$`
const WITHOUT_NUL = String.raw`^(?:[^\u0000\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])*$`
/** Keeps absurd lengths from the use cases, which know the true limits. */
const TEXT_MAXIMUM = 4096

const text = (description: string) =>
  t.String({ description, maxLength: TEXT_MAXIMUM, pattern: WITHOUT_NUL })

/** A password: any well-formed text, NUL included, so that no two become one. */
const secret = (description: string) => t.String({ description, pattern: WELL_FORMED })

/** Fields that are not named are refused. */
const body = <Fields extends TProperties>(fields: Fields) =>
  t.Object(fields, { additionalProperties: false })

const email = text('Any form of it; kept in lower case, its domain as A-labels')
const username = text('3 to 30 letters, digits, `_`, `.` and `-`, in one script')
const displayName = t.Union([text('1 to 100 visible characters'), t.Null()])
const avatar = t.Union([text('An https URL; it is passed on, never fetched'), t.Null()])
const newPassword = secret('At least 12 characters unless configured otherwise, at most 128')
const refreshToken = text('The refresh token of the latest answer')

export const RegisterBody = body({
  email,
  username,
  password: newPassword,
  displayName: t.Optional(displayName),
})

export const SignInBody = body({
  identifier: text('Email address or username'),
  password: secret('The password as the person typed it'),
})

export const RefreshBody = body({ refreshToken })

export const SignOutBody = body({ refreshToken: t.Optional(refreshToken) })

export const ReauthenticateBody = body({ password: secret('The current password') })

export const ProfileBody = body({
  username: t.Optional(username),
  displayName: t.Optional(displayName),
  avatar: t.Optional(avatar),
})

export const ChangePasswordBody = body({
  currentPassword: t.Optional(secret('May be left out only while the account has no password')),
  newPassword,
})
