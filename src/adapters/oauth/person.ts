import type { Avatar } from '../../domain/accounts/avatar.ts'
import { parseAvatar } from '../../domain/accounts/avatar.ts'
import { mendDisplayName } from '../../domain/accounts/display-name.ts'
import type { Email } from '../../domain/accounts/email.ts'
import { parseEmail } from '../../domain/accounts/email.ts'
import type { ExternalIdentity } from '../../domain/oauth/external-identity.ts'
import type { ProviderSubject } from '../../domain/oauth/provider.ts'
import { parseProviderSubject } from '../../domain/oauth/provider.ts'
import { ProviderFault } from './provider-fault.ts'

/** What a provider says about a person, before it is parsed. */
type Claims = {
  readonly subject: unknown
  readonly email: unknown
  readonly name: unknown
  readonly picture: unknown
}

type Person = Pick<ExternalIdentity, 'email' | 'displayName' | 'avatar'> & {
  readonly subject: ProviderSubject | null
}

/**
 * Parses what a provider says about a person. What is not well-formed is left out, so that nobody is refused because of a
 * name. Of a name only the characters that offend are left out. A picture has to be on one of these hosts. Its URL is passed on and never fetched [OA27].
 */
export const readPerson = (
  { subject, email, name, picture }: Claims,
  pictureHosts: RegExp,
): Person => ({
  subject: parseProviderSubject(subject),
  email: parsed<Email>(email, parseEmail),
  displayName: typeof name === 'string' ? mendDisplayName(name) : null,
  avatar: onHost(parsed<Avatar>(picture, parseAvatar), pictureHosts),
})

/** @throws ProviderFault `invalid-id-token` for a person without a usable subject: such a person could not be found again. */
export const requireSubject = ({ subject }: Person): ProviderSubject => {
  if (subject === null)
    throw new ProviderFault('invalid-id-token', 'it names nobody, or not as text')
  return subject
}

const parsed = <T>(
  value: unknown,
  parse: (text: string) => { readonly ok: true; readonly value: T } | { readonly ok: false },
): T | null => {
  if (typeof value !== 'string') return null
  const result = parse(value)
  return result.ok ? result.value : null
}

const onHost = (avatar: Avatar | null, hosts: RegExp): Avatar | null =>
  avatar !== null && hosts.test(new URL(avatar).host) ? avatar : null
