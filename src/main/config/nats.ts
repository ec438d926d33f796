import type { NatsAddress } from '../../adapters/nats/connection/nats-address.ts'
import { natsAddresses, readableFile } from './addresses.ts'
import { flag, oneOf, wholeNumber, word } from './parsers.ts'
import type { Secret } from './secret.ts'
import { makeSecret } from './secret.ts'
import type { GivenOf } from './setting.ts'
import { plain, secret } from './setting.ts'

/** How this service reaches NATS, and what it may do there. */
export const NATS_SETTINGS = {
  natsUrl: secret(
    'NATS_URL',
    natsAddresses,
    'in the process outside production',
    'Addresses of NATS servers, comma-separated: `nats://host:4222`, or `tls://` with TLS. A user and password, or a token alone, may stand before an `@`.',
  ),
  natsUser: plain('NATS_USER', word, 'none', 'User name at NATS.'),
  natsPassword: secret('NATS_PASSWORD', word, 'none', 'Password at NATS.'),
  natsToken: secret(
    'NATS_TOKEN',
    word,
    'none',
    'Token at NATS, instead of user name and password.',
  ),
  natsCredentials: plain(
    'NATS_CREDS',
    readableFile,
    'none',
    'Path of a NATS credentials file, instead of user name and password.',
  ),
  natsTls: plain('NATS_TLS', flag, 'false', 'Refuses NATS servers without TLS.'),
  natsReplicas: plain(
    'NATS_STREAM_REPLICAS',
    wholeNumber(1, 5),
    '3 (1 outside production)',
    'Number of NATS servers that store each stream.',
  ),
  natsProvision: plain(
    'NATS_PROVISION',
    oneOf('verify', 'apply'),
    'verify (apply outside production)',
    '`apply` creates and corrects streams at the start. `verify` only checks them.',
  ),
} as const

export type NatsConfig = {
  readonly servers: Secret<readonly NatsAddress[]>
  readonly access:
    | { readonly user: string; readonly password: Secret }
    | { readonly token: Secret }
    | { readonly credentialsFile: string }
    | null
  readonly tls: boolean
  readonly replicas: number
  readonly provision: 'apply' | 'verify'
}

type Given = GivenOf<typeof NATS_SETTINGS>

export const natsOf = (given: Given, inProduction: boolean): NatsConfig | null => {
  if (given.natsUrl === null) return null
  return {
    servers: makeSecret(given.natsUrl),
    access: natsAccessOf(given),
    tls: given.natsTls ?? false,
    replicas: given.natsReplicas ?? (inProduction ? 3 : 1),
    provision: given.natsProvision ?? (inProduction ? 'verify' : 'apply'),
  }
}

const natsAccessOf = (given: Given): NatsConfig['access'] => {
  const { natsCredentials, natsToken, natsUser, natsPassword } = given
  if (natsCredentials !== null) return { credentialsFile: natsCredentials }
  if (natsToken !== null) return { token: makeSecret(natsToken) }
  return natsUser === null || natsPassword === null
    ? null
    : { user: natsUser, password: makeSecret(natsPassword) }
}
