import type { Avatar } from '../../domain/accounts/avatar.ts'
import { parseAvatar } from '../../domain/accounts/avatar.ts'
import type { DisplayName } from '../../domain/accounts/display-name.ts'
import { parseDisplayName } from '../../domain/accounts/display-name.ts'
import type { Email } from '../../domain/accounts/email.ts'
import { parseEmail } from '../../domain/accounts/email.ts'
import type { ExternalIdentity } from '../../domain/oauth/external-identity.ts'
import type { ProviderSubject } from '../../domain/oauth/provider.ts'
import { parseProviderSubject } from '../../domain/oauth/provider.ts'

/** What a provider says about a person, before anything about it is believed. */
type Said = {
  readonly subject: unknown
  readonly email: unknown
  readonly name: unknown
  readonly picture: unknown
}

type Person = Pick<ExternalIdentity, 'email' | 'displayName' | 'avatar'> & {
  readonly subject: ProviderSubject | null
}

/**
 * Keeps of a person what is well-formed; the rest is left out, for nobody is refused for a name. Pictures are links to
 * these hosts, which are passed on and never followed [OA27].
 */
export const readPerson = (
  { subject, email, name, picture }: Said,
  pictureHosts: RegExp,
): Person => ({
  subject: parseProviderSubject(subject),
  email: parsed<Email>(email, parseEmail),
  displayName: parsed<DisplayName>(name, parseDisplayName),
  avatar: onHost(parsed<Avatar>(picture, parseAvatar), pictureHosts),
})

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
