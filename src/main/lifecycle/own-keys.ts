import type { SigningKeys } from '../../adapters/crypto/signing-keys.ts'
import { generateSigningKeys, writeSigningKeys } from '../../adapters/crypto/signing-keys.ts'
import type { DataDirectory } from '../../adapters/filesystem/data-directory.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { RefreshKey } from '../config/keys.ts'
import { makeRefreshKey, parseRefreshKeys, parseSigningKeys } from '../config/keys.ts'

/** The keys of a service that was given none, as it keeps them in its data directory. */
export type OwnKeys = {
  readonly signingKeys: SigningKeys
  /** As REFRESH_KEY has it. */
  readonly refreshKey: string
  /** When the active key last changed, RFC 3339; null before it ever did. */
  readonly rotatedAt: string | null
}

export const KEY_FILE = 'keys.json'

export const generateOwnKeys = (): OwnKeys => ({
  signingKeys: generateSigningKeys(),
  refreshKey: makeRefreshKey(),
  rotatedAt: null,
})

/** Null when there is no key file yet; refused when it does not hold keys. */
export const readOwnKeys = async (
  directory: Pick<DataDirectory, 'readPrivate'>,
): Promise<Result<OwnKeys | null, 'damaged'>> => {
  const text = await directory.readPrivate(KEY_FILE)
  if (text === null) return ok(null)
  const file = parseJson(text)
  const signingKeys = parseSigningKeys(JSON.stringify(file.signingKeys ?? null))
  const { refreshKey, rotatedAt } = file
  if (!signingKeys.ok || typeof refreshKey !== 'string' || !parseRefreshKeys(refreshKey).ok)
    return fail('damaged')
  return ok({
    signingKeys: signingKeys.value,
    refreshKey,
    rotatedAt: typeof rotatedAt === 'string' ? rotatedAt : null,
  })
}

export const writeOwnKeys = (
  directory: Pick<DataDirectory, 'writePrivate'>,
  { signingKeys, refreshKey, rotatedAt }: OwnKeys,
): Promise<void> => {
  const file = { signingKeys: parseJson(writeSigningKeys(signingKeys)), refreshKey, rotatedAt }
  return directory.writePrivate(KEY_FILE, `${JSON.stringify(file, null, 2)}\n`)
}

/** The refresh keys of a file that was read, and so checked, before. */
export const refreshKeysOf = ({ refreshKey }: OwnKeys): readonly RefreshKey[] => {
  const keys = parseRefreshKeys(refreshKey)
  return keys.ok ? keys.value : []
}

const parseJson = (text: string): { readonly [name in keyof OwnKeys]?: unknown } => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
