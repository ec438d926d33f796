import { createHmac } from 'node:crypto'
import { authorizationUrl, readObject, redeemCode } from './code-grant.ts'
import { readPerson } from './person.ts'
import { failure } from './provider-fault.ts'
import type { ProviderKind } from './provider-kind.ts'

const SCOPE = 'public_profile,email'
const FIELDS = 'id,name,email,picture'
const PICTURES = /^(?:[a-z0-9-]+\.)*(?:fbsbx\.com|fbcdn\.net)$/

/**
 * The code flow, then `me` of the Graph API. This flow has no id_token. The id of the person is valid for this app only. The
 * email address may be missing, and Facebook does not say whether it is verified.
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
      authorizationUrl: async (parameters) =>
        authorizationUrl(`${dialog}/dialog/oauth`, registration, SCOPE, parameters),
      redeem: async (authorization, { verifier }, call) => {
        const { accessToken } = await redeemCode(
          call,
          server,
          registration,
          authorization,
          verifier,
        )
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

/** `appsecret_proof` shows that the token is used by the app that it was given to [OA26]. */
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
