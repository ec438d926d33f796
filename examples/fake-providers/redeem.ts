import type { Grant } from './grants.ts'
import { isVerifierOf } from './grants.ts'
import type { Needs, Registration } from './provider.ts'

type RedeemError = 'invalid_client' | 'invalid_grant' | 'unsupported_grant_type'

/** Redeems a code (RFC 6749 §4.1.3). A code can be redeemed once, even if the request is wrong in another way. */
export const redeem = (
  parameters: URLSearchParams,
  headers: Headers,
  { registration, grants }: Needs,
): { readonly grant: Grant } | { readonly error: RedeemError } => {
  const shown = basicOf(headers) ?? {
    id: parameters.get('client_id') ?? '',
    secret: parameters.get('client_secret') ?? '',
  }
  if (shown.id !== registration.id || shown.secret !== registration.secret)
    return { error: 'invalid_client' }
  if (parameters.get('grant_type') !== 'authorization_code')
    return { error: 'unsupported_grant_type' }
  const grant = grants.take(parameters.get('code') ?? '')
  const isRight =
    grant !== null &&
    grant.clientId === shown.id &&
    grant.redirectUri === parameters.get('redirect_uri') &&
    isVerifierOf(grant.challenge, parameters.get('code_verifier'))
  return isRight ? { grant } : { error: 'invalid_grant' }
}

/** RFC 6749 §2.3.1: both parts are form-encoded first. */
const basicOf = (headers: Headers): Registration | null => {
  const encoded = /^Basic (\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  if (encoded === undefined) return null
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64')
    .toString()
    .split(/:(.*)/s)
    .map((part) => new URLSearchParams(`_=${part}`).get('_') ?? '')
  return { id, secret }
}

export const bearerOf = (headers: Headers): string =>
  /^Bearer (\S+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? ''
