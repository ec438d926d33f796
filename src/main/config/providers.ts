import { facebook } from '../../adapters/oauth/facebook.ts'
import { google } from '../../adapters/oauth/google.ts'
import { line } from '../../adapters/oauth/line.ts'
import type { ProviderKind } from '../../adapters/oauth/provider-kind.ts'
import { httpAddress, listOf, redirectAddress, word } from './parsers.ts'
import type { Secret } from './secret.ts'
import { makeSecret } from './secret.ts'
import type { Environment, Problem, ReadFile, Setting } from './setting.ts'
import { plain, readSetting, secret } from './setting.ts'

/** The settings of one provider. A new provider needs an entry here, and a file in src/adapters/oauth. */
export type ProviderSettings = {
  readonly kind: ProviderKind
  readonly clientId: Setting<string>
  readonly clientSecret: Setting<string>
  /** By the names that the kind of provider gives them, each with its default. */
  readonly addresses: Readonly<Record<string, Setting<string>>>
}

const id = (name: string, meaning: string) => plain(name, word, 'none', meaning)
const key = (name: string, meaning: string) => secret(name, word, 'none', meaning)
const at = (name: string, standard: string, meaning: string) =>
  plain(name, httpAddress, standard, meaning)

const entry = <Address extends string>(
  kind: ProviderKind<Address>,
  clientId: Setting<string>,
  clientSecret: Setting<string>,
  addresses: Readonly<Record<Address, Setting<string>>>,
): ProviderSettings => ({ kind, clientId, clientSecret, addresses })

/** In the order that clients show them. */
export const PROVIDERS: readonly ProviderSettings[] = [
  entry(
    google,
    id(
      'GOOGLE_CLIENT_ID',
      "OAuth client id from Google's console. Setting id and secret enables Google.",
    ),
    key('GOOGLE_CLIENT_SECRET', 'OAuth client secret that belongs to the id.'),
    {
      issuer: at(
        'GOOGLE_ISSUER_URL',
        'https://accounts.google.com',
        'Issuer of Google. Change it for tests only.',
      ),
    },
  ),
  entry(
    facebook,
    id(
      'FACEBOOK_APP_ID',
      "App id from Facebook's console. Setting id and secret enables Facebook.",
    ),
    key('FACEBOOK_APP_SECRET', 'App secret that belongs to the id.'),
    {
      dialog: at(
        'FACEBOOK_DIALOG_URL',
        'https://www.facebook.com/v24.0',
        "Address of Facebook's sign-in dialog.",
      ),
      graph: at(
        'FACEBOOK_GRAPH_URL',
        'https://graph.facebook.com/v24.0',
        "Address of Facebook's Graph API.",
      ),
    },
  ),
  entry(
    line,
    id('LINE_CHANNEL_ID', "Channel id from LINE's console. Setting id and secret enables LINE."),
    key('LINE_CHANNEL_SECRET', 'Channel secret that belongs to the id.'),
    {
      issuer: at('LINE_ISSUER_URL', 'https://access.line.me', 'Issuer of LINE.'),
      api: at('LINE_API_URL', 'https://api.line.me', "Address of LINE's API."),
    },
  ),
]

export const REDIRECT_URIS = plain(
  'OAUTH_REDIRECT_URIS',
  listOf(redirectAddress),
  'none; outside production any port of localhost and 127.0.0.1',
  'Addresses that a sign-in through a provider may return to, comma-separated. They match exactly.',
)

export const settingsOf = ({ clientId, clientSecret, addresses }: ProviderSettings) => [
  clientId,
  clientSecret,
  ...Object.values(addresses),
]

/** A provider that is configured. */
export type ProviderConfig = {
  readonly kind: ProviderKind
  readonly clientId: string
  readonly clientSecret: Secret
  readonly addresses: Readonly<Record<string, string>>
}

/** Reads every provider. One without id and secret is left out; one with only one of both is a problem. */
export const readProviders = (
  environment: Environment,
  readFile: ReadFile,
  problem: Problem,
): readonly ProviderConfig[] =>
  PROVIDERS.flatMap((settings) => readProvider(settings, environment, readFile, problem) ?? [])

const readProvider = (
  { kind, clientId, clientSecret, addresses }: ProviderSettings,
  environment: Environment,
  readFile: ReadFile,
  problem: Problem,
): ProviderConfig | null => {
  const id = readSetting(clientId, environment, readFile, problem)
  const givenSecret = readSetting(clientSecret, environment, readFile, problem)
  const given = Object.entries(addresses).map(([name, setting]) => {
    const address = readSetting(setting, environment, readFile, problem)
    if (address?.startsWith('http:') && environment['NODE_ENV'] === 'production')
      problem(setting.name, 'must be https in production')
    return [name, address ?? setting.shownDefault] as const
  })
  if (id === null && givenSecret !== null) problem(clientId.name, 'is required with its secret')
  if (givenSecret === null && id !== null) problem(clientSecret.name, 'is required with its id')
  return id === null || givenSecret === null
    ? null
    : {
        kind,
        clientId: id,
        clientSecret: makeSecret(givenSecret),
        addresses: Object.fromEntries(given),
      }
}
