import type { ListedKey } from '../../domain/sessions/signing-key.ts'
import type { OwnSigningKeys } from '../../ports/driven/sessions/own-signing-keys.ts'
import type { SigningKeys } from './signing-keys.ts'
import { generateSigningKey, retire, rotate } from './signing-keys.ts'

/** A file with signing keys, and whatever else is kept beside them. */
type KeyFile<Content> = {
  read(): Promise<Content>
  write(content: Content): Promise<void>
}

type Content = { readonly signingKeys: SigningKeys; readonly rotatedAt: string | null }

/** Changes the key file, and then has the changed keys put to use. */
export const makeOwnSigningKeys = <C extends Content>(
  file: KeyFile<C>,
  replaceKeys: (keys: SigningKeys) => Promise<void>,
): OwnSigningKeys => {
  const putToUse = async (content: C): Promise<readonly ListedKey[]> => {
    await file.write(content)
    await replaceKeys(content.signingKeys)
    return listed(content.signingKeys)
  }
  return {
    read: async () => {
      const { signingKeys, rotatedAt } = await file.read()
      return { keys: listed(signingKeys), rotatedAt }
    },
    rotate: async (rotatedAt) => {
      const content = await file.read()
      const signingKeys = rotate(content.signingKeys, generateSigningKey('next'))
      return putToUse({ ...content, signingKeys, rotatedAt })
    },
    retire: async () => {
      const content = await file.read()
      return putToUse({ ...content, signingKeys: retire(content.signingKeys) })
    },
  }
}

const listed = (keys: SigningKeys): readonly ListedKey[] =>
  keys.map(({ kid, status }) => ({ kid, status }))
