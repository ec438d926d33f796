import type { ProviderKind } from '../../adapters/oauth/provider-kind.ts'
import type { ProviderSettings } from './provider-settings.ts'
import { PROVIDERS } from './provider-settings.ts'
import type { Environment, Problem, ReadFile } from './read-settings.ts'
import { readSetting } from './read-settings.ts'
import type { Secret } from './secret.ts'
import { makeSecret } from './secret.ts'

/** A provider that somebody can sign in through. */
export type ProviderConfig = {
  readonly kind: ProviderKind
  readonly clientId: string
  readonly clientSecret: Secret
  readonly addresses: Readonly<Record<string, string>>
}

/** Reads every provider; one that is not configured at all is left out, one by halves is a problem. */
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
  const secret = readSetting(clientSecret, environment, readFile, problem)
  const given = Object.entries(addresses).map(([name, setting]) => {
    const address = readSetting(setting, environment, readFile, problem)
    if (address?.startsWith('http:') && environment['NODE_ENV'] === 'production')
      problem(setting.name, 'must be https in production')
    return [name, address ?? setting.shownDefault] as const
  })
  if (id === null && secret !== null) problem(clientId.name, 'is required with its secret')
  if (secret === null && id !== null) problem(clientSecret.name, 'is required with its id')
  return id === null || secret === null
    ? null
    : {
        ...{ kind, clientId: id, clientSecret: makeSecret(secret) },
        addresses: Object.fromEntries(given),
      }
}
