import type { Secret } from './secret.ts'
import type { Given } from './settings.ts'

export type BackendConfig = {
  readonly syncUrl: string | null
  readonly digestUrl: string | null
  /** Each signs. */
  readonly secrets: readonly Secret[]
}

export const backendOf = (
  given: Pick<Given, 'backendSyncUrl' | 'backendDigestUrl' | 'backendSyncSecrets'>,
): BackendConfig | null => {
  const { backendSyncUrl, backendDigestUrl, backendSyncSecrets } = given
  if (backendSyncSecrets === null || (backendSyncUrl ?? backendDigestUrl) === null) return null
  return { syncUrl: backendSyncUrl, digestUrl: backendDigestUrl, secrets: backendSyncSecrets }
}
