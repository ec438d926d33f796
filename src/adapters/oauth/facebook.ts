import { createHmac } from 'node:crypto'
import { authorizationUrl, readObject, redeemCode } from './code-grant.ts'
import { readPerson } from './person.ts'
import { failure } from './provider-fault.ts'
import type { ProviderKind } from './provider-kind.ts'

const SCOPE = 'public_profile,email'
const FIELDS = 'id,name,email,picture'
const PICTURES = /^(?:[a-z0-9-]+\.)*(?:fbsbx\.com|fbcdn\.net)$/

/**
 * The code flow, then the Graph's `me`. There is no id_token on this way; the id is the app's own name for the person.
 * An address may be missing, and comes without a word about proof.
 */
export const facebook: ProviderKind<'dialog' | 'graph'> = {
  id: 'facebook',
  name: 'Facebook',
  open: ({ registration, addresses: { dialog, graph } }) => {
    const server = { issuer: new URL(dialog).origin, token_endpoint: `${graph}/oauth/access_token` }
    const { clientSecret } = registration
    return {
      issuer: server.issuer,
      origins: new Set([new URL(graph).origin]),
      authorizationUrl: async (outbound) =>
        authorizationUrl(`${dialog}/dialog/oauth`, registration, SCOPE, outbound),
      redeem: async (brought, { verifier }, call) => {
        const { accessToken } = await redeemCode(call, server, registration, brought, verifier)
        const me = await call(meAddress(graph, accessToken, clientSecret), {
          headers: { authorization: `Bearer ${accessToken}` },
        })
        const { id, email, name, picture } = await readObject(me)
        const person = readPerson({ subject: id, email, name, picture: urlIn(picture) }, PICTURES)
        const { subject } = person
        if (subject === null) throw failure('it names nobody')
        return { ...person, subject, emailProof: 'none' }
      },
    }
  },
}

/** The proof that the token is used by whom it was given to, and not by a thief [OA26]. */
const meAddress = (graph: string, accessToken: string, secret: string): string => {
  const url = new URL(`${graph}/me`)
  url.searchParams.set('fields', FIELDS)
  const proof = createHmac('sha256', secret).update(accessToken).digest('hex')
  url.searchParams.set('appsecret_proof', proof)
  return url.href
}

const urlIn = (picture: unknown): unknown => memberOf(memberOf(picture, 'data'), 'url')

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
