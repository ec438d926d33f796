import { createHmac, sign } from 'node:crypto'
import type { Algorithm, KeyPair, Keys } from './keys.ts'
import type { Signature } from './misbehaviour.ts'
import type { Needs } from './provider.ts'
import { withOverrides } from './provider.ts'

type Claims = Readonly<Record<string, unknown>>

/**
 * An id_token with the misbehaviour that is set. It is made without a library, because a library would refuse most wrong tokens,
 * and because code that shares nothing with the service finds more mistakes.
 */
export const makeIdToken = async (
  { keys, misbehaviour, registration }: Needs,
  honest: Signature,
  claims: Claims,
): Promise<string> => {
  const { claims: claimOverrides, header, signature = 'true' } = misbehaviour()
  const signer = await signerOf(
    keys,
    signature === 'true' ? honest : signature,
    registration.secret,
    honest,
  )
  const head = withOverrides({ ...signer.head, typ: 'JWT' }, header)
  const signed = `${encode(head)}.${encode(withOverrides(claims, claimOverrides))}`
  return `${signed}.${signer.sign(signed)}`
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

type Signer = { readonly head: Claims; sign(text: string): string }

const signerOf = async (
  keys: Keys,
  signature: Signature,
  secret: string,
  honest: Signature,
): Promise<Signer> => {
  switch (signature) {
    case 'true':
      return withPair('RS256', await keys.current('RS256'))
    case 'another-key':
      return honest === 'true' ? impostor(keys) : withSecret('not the secret of the client')
    case 'none':
      return { head: { alg: 'none' }, sign: () => '' }
    case 'hs256-secret':
      return withSecret(secret)
    case 'hs256-public-key': {
      const { kid, publicKey } = await keys.current('RS256')
      const signer = withSecret(String(publicKey.export({ type: 'spki', format: 'pem' })))
      return { ...signer, head: { ...signer.head, kid } }
    }
    case 'es256':
      return withPair('ES256', await keys.current('ES256'))
    case 'es256-unknown':
      return withPair('ES256', await keys.stranger('ES256'))
  }
}

const impostor = async (keys: Keys): Promise<Signer> => {
  const { kid } = await keys.current('RS256')
  return withPair('RS256', { ...(await keys.stranger('RS256')), kid })
}

const withPair = (alg: Algorithm, { kid, privateKey }: KeyPair): Signer => ({
  head: { alg, kid },
  sign: (text) =>
    sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString(
      'base64url',
    ),
})

const withSecret = (secret: string): Signer => ({
  head: { alg: 'HS256' },
  sign: (text) => createHmac('sha256', secret).update(text).digest('base64url'),
})
