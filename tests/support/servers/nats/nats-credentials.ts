import { nkeys } from 'nats'

// A server in operator mode, as the tools of NATS set it up: JSON web tokens signed by Ed25519 keys
// (nats-io/jwt, version 2), each signed by the one above: operator, account, user.

type KeyPair = ReturnType<typeof nkeys.createUser>

const encode = (value: string | Uint8Array): string => Buffer.from(value).toString('base64url')

const HEADER = encode(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' }))

const tokenOf = (subject: KeyPair, issuer: KeyPair, nats: Readonly<Record<string, unknown>>) => {
  const claims = {
    jti: crypto.randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: 'test',
    nats: { ...nats, version: 2 },
  }
  const signed = `${HEADER}.${encode(JSON.stringify(claims))}`
  return `${signed}.${encode(issuer.sign(new TextEncoder().encode(signed)))}`
}

const UNLIMITED = { subs: -1, data: -1, payload: -1 }
const ACCOUNT = {
  type: 'account',
  limits: { ...UNLIMITED, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 },
}

/** Configuration of a server that knows one user, and the content of that user's credentials file. */
export const natsOperator = (): { readonly config: string; readonly credentials: string } => {
  const operator = nkeys.createOperator()
  const [account, system] = [nkeys.createAccount(), nkeys.createAccount()]
  const user = nkeys.createUser()
  const accounts = [account, system].map(
    (each) => `${each.getPublicKey()}: ${tokenOf(each, operator, ACCOUNT)}`,
  )
  const config = `operator: ${tokenOf(operator, operator, { type: 'operator' })}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload { ${accounts.join('\n')} }
`
  const seed = new TextDecoder().decode(user.getSeed())
  const credentials = [
    '-----BEGIN NATS USER JWT-----',
    tokenOf(user, account, { type: 'user', ...UNLIMITED }),
    '------END NATS USER JWT------',
    '',
    '-----BEGIN USER NKEY SEED-----',
    seed,
    '------END USER NKEY SEED------',
    '',
  ].join('\n')
  return { config, credentials }
}
