import { flag, folder, oneOf, serverAddress, wholeNumber, word } from './parsers.ts'
import type { Secret } from './secret.ts'
import { makeSecret } from './secret.ts'
import type { GivenOf } from './setting.ts'
import { plain, secret } from './setting.ts'

/** How this service reaches NATS, and what it may do there. */
export const NATS_SETTINGS = {
  natsUrl: secret(
    'NATS_URL',
    serverAddress('nats:', 'tls:'),
    'in the process outside production',
    'NATS servers, comma-separated',
  ),
  natsUser: plain('NATS_USER', word, 'none', 'the name that this service has at NATS'),
  natsPassword: secret('NATS_PASSWORD', word, 'none', 'its password'),
  natsCredentials: plain(
    'NATS_CREDS',
    folder,
    'none',
    'path of a credentials file, instead of both',
  ),
  natsTls: plain('NATS_TLS', flag, 'false', 'refuses NATS servers without TLS'),
  natsReplicas: plain(
    'NATS_STREAM_REPLICAS',
    wholeNumber(1, 5),
    '3 (1 outside production)',
    'how many servers hold each stream',
  ),
  natsProvision: plain(
    'NATS_PROVISION',
    oneOf('verify', 'apply'),
    'verify (apply outside production)',
    'whether the service may make and mend streams, or only look',
  ),
} as const

export type NatsConfig = {
  readonly servers: Secret<readonly string[]>
  readonly access:
    | { readonly user: string; readonly password: Secret }
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
    servers: makeSecret(given.natsUrl.split(',')),
    access: natsAccessOf(given),
    tls: given.natsTls ?? false,
    replicas: given.natsReplicas ?? (inProduction ? 3 : 1),
    provision: given.natsProvision ?? (inProduction ? 'verify' : 'apply'),
  }
}

const natsAccessOf = ({ natsCredentials, natsUser, natsPassword }: Given): NatsConfig['access'] => {
  if (natsCredentials !== null) return { credentialsFile: natsCredentials }
  return natsUser === null || natsPassword === null
    ? null
    : { user: natsUser, password: makeSecret(natsPassword) }
}
