import { origin, word } from '../config/parsers.ts'
import { plain, secret } from '../config/setting.ts'

/** What `auth contract verify` reads besides; the names are those that Pact's own tools use. */
export const CONTRACT_SETTINGS = {
  brokerUrl: plain('PACT_BROKER_BASE_URL', origin, 'none', 'a Pact Broker'),
  brokerToken: secret('PACT_BROKER_TOKEN', word, 'none', 'its bearer token'),
} as const
