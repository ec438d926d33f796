import { randomBytes } from 'node:crypto'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Parse } from './parsers.ts'
import type { Secret } from './secret.ts'
import { makeSecret, weaknessOf } from './secret.ts'
import type { GivenOf } from './setting.ts'
import { plain, secret } from './setting.ts'

/** An http or https address of one resource, without user information and fragment. */
const resource: Parse<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : null
  const isResource =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    [url.username, url.password, url.hash].every((part) => part === '')
  return isResource
    ? ok(url.href)
    : fail('must be an address like https://backend.example.com/sync, without user and fragment')
}

/** In bytes. Standard Webhooks allows 24 to 64; this service requires at least 32. */
const LENGTHS = { least: 32, most: 64 }

/** Reads `whsec_<base64>`, comma-separated. Every secret signs, so that the receiver can change to the next one. */
const parseWebhookSecrets = (text: string): Result<readonly Secret[], string> => {
  const secrets: Secret[] = []
  for (const one of text.split(',').map((part) => part.trim())) {
    const [, encoded] = /^whsec_([\d+/A-Za-z]+={0,2})$/.exec(one) ?? []
    const bytes = Buffer.from(encoded ?? '', 'base64')
    if (encoded === undefined || bytes.length < LENGTHS.least || bytes.length > LENGTHS.most)
      return fail(`must be whsec_ and the base64 of ${LENGTHS.least} to ${LENGTHS.most} bytes`)
    const weakness = weaknessOf(encoded) ?? weaknessOf(bytes.toString('latin1'))
    if (weakness !== null) return fail(weakness)
    secrets.push(makeSecret(one))
  }
  return ok(secrets)
}

/** A new secret of 256 random bits. */
export const makeWebhookSecret = (): string =>
  `whsec_${randomBytes(LENGTHS.least).toString('base64')}`

/** How Backend is called over HTTP, and asked what it holds. */
export const BACKEND_SETTINGS = {
  backendSyncUrl: plain(
    'BACKEND_SYNC_URL',
    resource,
    'none',
    'Address of the endpoint of Backend that receives each change over HTTP. Production requires https or loopback.',
  ),
  backendDigestUrl: plain(
    'BACKEND_DIGEST_URL',
    resource,
    'none',
    'Address of the endpoint of Backend that returns digests of its users. Production requires https or loopback.',
  ),
  backendSyncSecrets: secret(
    'BACKEND_SYNC_SECRET',
    parseWebhookSecrets,
    'none',
    'Secrets that sign requests to Backend, as `whsec_` and base64, comma-separated. Each secret adds a signature.',
  ),
} as const

export type BackendConfig = {
  readonly syncUrl: string | null
  readonly digestUrl: string | null
  /** Each signs. */
  readonly secrets: readonly Secret[]
}

/** Null where Backend is not called over HTTP. */
export const backendOf = ({
  backendSyncUrl,
  backendDigestUrl,
  backendSyncSecrets,
}: GivenOf<typeof BACKEND_SETTINGS>): BackendConfig | null => {
  if (backendSyncSecrets === null || (backendSyncUrl ?? backendDigestUrl) === null) return null
  return { syncUrl: backendSyncUrl, digestUrl: backendDigestUrl, secrets: backendSyncSecrets }
}
