/** What a person can do about it, by the code of the refusal. */
const ADVICE = {
  'bad-credentials': 'Nobody with that name and that password is known here.',
  'email-taken': 'Somebody has registered with that address already. Sign in instead?',
  'username-taken': 'That username is taken.',
  'too-many-attempts': 'Too many attempts. Wait a while, then try again.',
  'recent-login-required':
    'This needs a recent sign-in: confirm your password below, or sign out and in again.',
  'wrong-password': 'That is not your password.',
  'identity-taken': 'That account belongs to somebody else here already.',
  'last-sign-in-method': 'It is your only way in: set a password or link another account first.',
  'not-begun-here': 'This sign-in was not begun in this tab. Begin again.',
  'invalid-grant': 'That took too long, or was used before. Begin again.',
  access_denied: 'You cancelled at the provider.',
  link_required:
    'An account with that address exists already. Sign in with its password, then link the provider below “Your ways in”.',
}

/** @param {any} fault */
export const explain = (fault) =>
  ADVICE[fault.code] ??
  (fault.code ? `${fault.message} (${fault.code})` : 'The service cannot be reached.')
