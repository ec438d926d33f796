/** The message for a problem code, which says what the user can do. */
const ADVICE = {
  'invalid-request': 'Please correct the marked fields.',
  'weak-password': 'Please correct the marked fields.',
  'bad-credentials': 'There is no account with that name and that password.',
  'email-taken': 'There is already an account with that email address. Sign in instead?',
  'username-taken': 'That username is taken.',
  'too-many-attempts': 'Too many attempts. Wait a while, then try again.',
  'recent-login-required':
    'This needs a recent sign-in: confirm your password below, or sign out and in again.',
  'wrong-password': 'That is not your password.',
  'identity-taken': 'That account is already linked to another user.',
  'last-sign-in-method':
    'It is your only sign-in method. Set a password or link another account first.',
  'not-begun-here': 'This sign-in was not started in this tab. Start again.',
  'invalid-grant': 'The code has expired or was used before. Start again.',
  access_denied: 'You cancelled at the provider.',
  link_required:
    'There is already an account with that email address. Sign in with its password, then link the provider under “Your sign-in methods”.',
}

/** The message for a fault. @param {any} fault */
export const explain = (fault) =>
  ADVICE[fault.code] ??
  (fault.code ? `${fault.message} (${fault.code})` : 'The service cannot be reached.')
