import { flag, folder, oneOf, serverAddress, wholeNumber, word } from './parsers.ts'
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
