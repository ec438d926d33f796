/** What a case still waits for. Until then it is open, or covered in part. */
type Need =
  | 'mail'
  | 'administration'
  | 'real servers'
  | 'a browser'
  | 'an earlier release'
  | 'an advisory source'

export type SecurityCase = {
  readonly id: string
  readonly claim: string
  readonly needs: readonly Need[]
}

type Row = readonly [id: string, claim: string, ...needs: Need[]]

/** Ids are never reused; tests name them in brackets at the end of their titles. */
const FAMILIES: Readonly<Record<string, readonly Row[]>> = {
  'Registration and names': [
    ['RG1', 'Every Unicode form of a taken username is taken'],
    ['RG2', 'A username that mixes scripts, or looks like a taken or reserved one, is refused'],
    ['RG3', 'Invisible, bidirectional, control and NUL characters are refused in every text'],
    ['RG4', 'Of parallel registrations of one address one wins: one row, one event, no fault'],
    ['RG5', 'An address means one account in all its spellings; broken ones are refused'],
    ['RG7', 'Passwords of 64 and 128 code points are taken; a huge one is refused without hashing'],
    ['RG8', 'No byte of a password is ignored: length, NUL and edge spaces count'],
    ['RG10', 'Fields that only the service sets are refused from outside and keep their defaults'],
    ['RG11', 'A repeated registration with its key gives the same user and no second event'],
    ['RG12', 'Values of the wrong type are refused'],
    ['RG13', 'A username never has the form of an email address'],
  ],
  Enumeration: [
    ['EN1', 'Sign-in gives one answer for unknown, wrong, inactive and password-less accounts'],
    ['EN2', 'The time of a refused sign-in does not tell the reason'],
    ['EN3', 'Attempts on unknown identifiers are limited exactly like those on known ones'],
    ['EN4', 'A taken address at registration is told, at the price of a hash and of a budget'],
    ['EN5', 'A request for a mail gets the same answer whether or not the account exists', 'mail'],
  ],
  'Guessing and limits': [
    ['BF1', 'Past its budget an account refuses for as long as it says, at one address only'],
    ['BF2', 'Parallel guesses cost no more hashes than the budget allows'],
    ['BF3', 'One password on many accounts, and one account from many addresses, both stop'],
    ['BF4', 'Forwarding headers of an untrusted peer change no key; an IPv6 /64 is one client'],
    ['BF6', 'A hundred failures in a row close the account to addresses it does not know'],
    ['BF7', 'Every way to try a secret draws on a budget'],
    ['BF8', 'Both limiters keep the same promises, whatever the clock does', 'real servers'],
    ['BF9', 'A million addresses leave bounded memory and no address readable', 'real servers'],
  ],
  Passwords: [
    ['PW1', 'The shortest password is counted in code points'],
    ['PW2', 'Nothing but length and lists is asked of a password'],
    ['PW3', 'Listed passwords and those made of names are refused, with the reason, offline'],
    ['PW4', 'A password typed composed or decomposed is the same password'],
    ['PW5', 'A sign-in renews an outdated hash; nothing else does, and failing to is no failure'],
    ['PW6', 'Equal passwords have different hashes; weak parameters stop the start'],
    ['PW7', 'A change asks for the present password and ends the other sessions'],
    ['PW8', 'An account without a password has no password sign-in'],
    ['PW10', 'Hashing beyond capacity is refused at once and leaves other requests alone'],
    [
      'PW11',
      'A reset token is short-lived, single-use, stored hashed, and signs nobody in',
      'mail',
    ],
  ],
  'Access tokens': [
    ['JW1', 'Unsigned tokens are refused'],
    ['JW2', 'The public key is no HMAC secret'],
    ['JW3', 'Only the listed algorithm verifies'],
    ['JW4', 'A hostile key id finds nothing and reaches nothing'],
    ['JW5', 'Headers that name keys, critical extensions and doubled claims are refused'],
    ['JW6', 'Issuer and audience match exactly'],
    ['JW7', 'No other kind of token passes for an access token, nor it for another'],
    ['JW8', 'Times and subject are present, well-formed and in bounds'],
    ['JW9', 'No altered token verifies with altered claims'],
    ['JW11', 'A long token is refused quickly'],
    ['JW12', 'Keys rotate without a refused token; the key set shows public members only'],
    ['JW13', 'Deletion, deactivation, revocation and a lower role count at the next request'],
  ],
  'Sessions and refresh': [
    ['SE1', 'A refresh gives a new pair; the old token is dead after the grace'],
    ['SE2', 'A token used again after the grace ends its session and is recorded'],
    ['SE3', 'Parallel refreshes of one token make one lineage and sign nobody out'],
    ['SE4', 'A lost reply can be asked for again within the grace, and not after'],
    ['SE5', 'Idle and absolute ends both hold; no refresh moves the absolute one'],
    ['SE6', 'Signing out repeats safely, and is never claimed before the store confirmed it'],
    ['SE7', 'Ending sessions touches exactly those meant', 'administration'],
    ['SE8', 'Each change of an account ends the sessions it should', 'mail', 'administration'],
    ['SE10', 'What is revoked stays revoked through kills, flushes and failovers', 'real servers'],
    ['SE11', 'Refreshing works by POST with a refresh token in the body only'],
    ['SE12', 'A dump of the stores holds nothing that could be presented', 'real servers'],
  ],
  'OAuth sign-in': [
    ['OA1', 'A bad state stops before the provider is asked'],
    ['OA2', 'A callback without the cookie of its browser is refused'],
    ['OA3', 'An answer of another provider is refused'],
    ['OA4', 'Requests to providers carry challenge, state, nonce and scope'],
    ['OA5', 'A doubled callback makes one user, one identity, one code'],
    ['OA6', 'Of many exchanges of one code one succeeds; a late replay ends the session'],
    ['OA7', 'A code lives five minutes'],
    ['OA8', 'A wrong exchange spends the code'],
    ['OA9', 'The final redirect is worthless without the verifier of the client'],
    ['OA11', 'Redirects match registered addresses exactly'],
    ['OA12', 'Errors of a provider are mapped, never echoed'],
    ['OA13', 'A broken provider is answered in time and harms no other way in'],
    ['OA14', 'Hostile answers of a provider are cut off'],
    ['OA15', 'An id_token that fails any check makes no account'],
    ['OA16', 'The algorithm of an id_token is fixed per provider'],
    ['OA17', 'An unknown key id refetches keys once, and cached keys outlive an outage'],
    ['OA18', 'An account may have no address, and none is invented'],
    ['OA19', 'Who registered a stranger’s address first never gets their sign-in', 'mail'],
    ['OA20', 'An unverified address links nothing'],
    ['OA21', 'A provider that does not own an address links nothing by it'],
    ['OA22', 'Linking asks for a recent sign-in; the last way in cannot be unlinked'],
    ['OA23', 'An identity named by the client is ignored'],
    ['OA24', 'A provider switched off, or a user deactivated, in mid-flow is refused'],
    ['OA26', 'Calls to Facebook are proven, and no client token is taken'],
    ['OA27', 'Pictures are checked as addresses and never fetched'],
    ['OA28', 'Callback and redirect leave no trace of codes'],
  ],
  'Authorization and administration': [
    ['AZ1', 'Every role, route and owner has one expected answer'],
    ['AZ2', 'Who somebody is comes from the token alone'],
    ['AZ3', 'Nobody grants their own rank or more', 'administration'],
    ['AZ4', 'The last active administrator stays', 'administration'],
    ['AZ5', 'No answer holds a hash, a token of others or an internal field'],
    ['AZ7', 'Limits and cursors outside their range are refused'],
    ['AZ8', 'Ids that are none are refused'],
    ['AZ9', 'A route is guarded or on the public list'],
    ['AZ10', 'In production metrics and documents are not public unless asked for'],
    ['AZ11', 'An update of an outdated version is refused'],
  ],
  HTTP: [
    ['HH1', 'Other content types and charsets are refused'],
    ['HH2', 'A body over the limit, or a compressed one, is refused'],
    ['HH3', 'Slow requests end in time and slow nobody else'],
    ['HH5', 'Only listed origins may read answers'],
    ['HH6', 'Every answer carries the security headers and no version'],
    ['HH7', 'Personal answers are not stored'],
    ['HH8', 'Browsers can keep the refresh token where scripts cannot read it'],
    ['HH9', 'Other methods, overrides included, change nothing'],
    ['HH10', 'Ambiguous lengths are refused and the connection ends'],
    ['HH11', 'A forged host changes no address that the service writes'],
  ],
  'Odd input': [
    ['FZ1', 'Every body that is not one JSON object is refused as such'],
    ['FZ3', 'Names of prototypes pollute nothing'],
    ['FZ5', 'No crafted text is slow to check'],
    ['FZ6', 'Hostile texts are stored as they are or refused, never run'],
    ['FZ7', 'Requests made from the OpenAPI document get documented answers'],
  ],
  'Leaks and faults': [
    ['LE1', 'A fault in any layer answers generally and reveals nothing', 'real servers'],
    ['LE2', 'No refusal repeats what was sent'],
    ['LE3', 'Secrets and addresses appear in no log, metric, trace or audit entry'],
    ['LE5', 'A security event is complete and cannot be changed'],
    ['LE6', 'The number of metric series does not grow with traffic'],
    ['LE7', 'A forgotten rejection is logged and answered'],
  ],
  Configuration: [
    ['CF1', 'A weak, missing or known secret stops a production start without being printed'],
    ['CF2', 'Embedded parts serve development, loudly, and never production'],
    ['CF3', 'Loose settings are refused in production'],
    ['CF4', 'The first administrator is made on purpose, once'],
    ['CF5', 'Keys and secrets rotate without a failed request'],
    ['CF6', 'Neighbouring releases share one schema', 'an earlier release'],
    ['CF7', 'Dependencies have no known serious flaw', 'an advisory source'],
  ],
}

export const securityFamilies: readonly {
  readonly title: string
  readonly cases: readonly SecurityCase[]
}[] = Object.entries(FAMILIES).map(([title, rows]) => ({
  title,
  cases: rows.map(([id, claim, ...needs]) => ({ id, claim, needs })),
}))

export const securityCases: readonly SecurityCase[] = securityFamilies.flatMap(({ cases }) => cases)
