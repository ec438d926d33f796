import type { Secret } from './secret.ts'
import { makeSecret } from './secret.ts'
import type { Given } from './settings.ts'

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
