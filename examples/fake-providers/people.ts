import { createHash } from 'node:crypto'

/** The user at the browser. The name identifies the account: the same name is the same user again. */
export type Person = {
  readonly name: string
  /** Null when the user has no address or does not share it. */
  readonly email: string | null
  /** Whether the provider has verified the address. Only Google says so. */
  readonly verified: boolean
  /** Google: the domain of the organisation that owns the account. */
  readonly organisation?: string
}

/** What the user does on the consent page. */
export type Decision = Person | 'deny'

/** The id of a person at a provider: always the same, and different at each provider. */
export const digitsOf = (length: number, ...what: readonly string[]): string =>
  BigInt(`0x${hexOf(...what)}`)
    .toString()
    .slice(0, length)

export const hexOf = (...what: readonly string[]): string =>
  createHash('sha256').update(what.join('\n').toLowerCase()).digest('hex')

export const readDecision = (form: URLSearchParams): Decision => {
  if (form.get('decision') !== 'agree') return 'deny'
  const organisation = form.get('organisation')?.trim() ?? ''
  return {
    name: form.get('name')?.trim() || 'Nobody',
    email: form.has('share-email') ? form.get('email')?.trim() || null : null,
    verified: form.has('verified'),
    ...(organisation === '' ? {} : { organisation }),
  }
}

/** The inverse of `readDecision`: the form as a browser sends it. */
export const writeDecision = (decision: Decision): URLSearchParams => {
  if (decision === 'deny') return new URLSearchParams({ decision })
  const { name, email, verified, organisation = '' } = decision
  return new URLSearchParams({
    decision: 'agree',
    name,
    organisation,
    ...(email === null ? {} : { 'share-email': 'on', email }),
    ...(verified ? { verified: 'on' } : {}),
  })
}
