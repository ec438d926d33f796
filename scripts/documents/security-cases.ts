/** What the project still lacks before a case can be tested completely. Until then the case is open, or covered in part. */
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

/** The id of a removed case is never used again. Tests have the ids in brackets at the end of their titles. */
const FAMILIES: Readonly<Record<string, readonly Row[]>> = {
  'Registration and names': [
    ['RG1', 'A username that is taken in one Unicode form is taken in every form'],
    ['RG2', 'A username is refused if it mixes scripts, or looks like a taken or a reserved one'],
    [
      'RG3',
      'Every text field refuses invisible, bidirectional, control and NUL characters (RG15 names the exceptions)',
    ],
    [
      'RG4',
      'When many requests register one address at the same time, one succeeds: one row, one event, no fault',
    ],
    ['RG5', 'All spellings of an email address mean one account. Malformed addresses are refused'],
    [
      'RG7',
      'Passwords of 64 and of 128 code points are accepted. A huge one is refused before it is hashed',
    ],
    ['RG8', 'Every byte of a password counts: its whole length, NUL, and spaces at the edges'],
    [
      'RG10',
      'A request cannot set the fields that only the service sets. They keep their default values',
    ],
    [
      'RG11',
      'A registration repeated with its idempotency key gives the same user and no second event',
    ],
    ['RG12', 'Values of the wrong type are refused'],
    ['RG13', 'A username never has the form of an email address'],
    [
      'RG14',
      'A repeated registration tries a password like a sign-in, with its budgets and audit entries. Nobody else meets its key',
    ],
    [
      'RG15',
      "Display names keep the joiners and selectors that scripts and emoji need. A provider's name is mended, not dropped. Look-alikes of reserved usernames are refused",
    ],
  ],
  Enumeration: [
    [
      'EN1',
      'Sign-in gives the same answer for an unknown account, a wrong password, an inactive account and an account without a password',
    ],
    ['EN2', 'The response time of a refused sign-in does not reveal the reason'],
    ['EN3', 'Attempts on unknown identifiers are limited exactly like attempts on known ones'],
    [
      'EN4',
      'Registration says that an address is taken. This answer costs a hash and an attempt of the rate limit',
    ],
    ['EN5', 'A request for a mail gets the same answer whether or not the account exists', 'mail'],
  ],
  'Guessing and limits': [
    [
      'BF1',
      'After too many attempts, sign-in to an account from that one address is refused for exactly as long as the answer says',
    ],
    ['BF2', 'Parallel guesses cost no more hashes than the budget allows'],
    [
      'BF3',
      'Guessing one password on many accounts is stopped, and so is guessing one account from many addresses',
    ],
    [
      'BF4',
      'Forwarding headers of an untrusted peer do not change the rate limit key. An IPv6 /64 network counts as one client',
    ],
    [
      'BF6',
      'After a hundred failures in a row, an account accepts sign-ins only from addresses it knows',
    ],
    ['BF7', 'Every way to try a secret uses a budget'],
    ['BF8', 'Both limiters keep the same promises, whatever the clock does', 'real servers'],
    [
      'BF9',
      'A million addresses use bounded memory, and no address can be read from the store',
      'real servers',
    ],
    ['BF10', 'No request uses up a budget that a request of another kind needs'],
    [
      'BF11',
      'The failures in a row of an account halve every 24 hours. A success from a known address and a command of the owner clear them',
      'mail',
    ],
    [
      'BF12',
      'Changes of a profile and of a username have budgets. All identifiers of an account share one, and so do the networks of an IPv6 /48',
    ],
    [
      'BF13',
      'A refused request that uses no budget leaves nothing behind: no count in the store, no audit entry, no event',
    ],
    [
      'BF14',
      'Requests of one account that change the same rows wait without a connection to the database, so that one account cannot take all connections',
    ],
  ],
  Passwords: [
    ['PW1', 'The minimum length of a password is counted in code points'],
    ['PW2', 'A password has to meet a length and to be on no list. There are no other rules'],
    [
      'PW3',
      'Passwords that are on the list or made of names are refused with the reason, without network access',
    ],
    ['PW4', 'A password typed in composed or decomposed form is the same password'],
    [
      'PW5',
      'Only a sign-in renews an outdated hash. If the renewal fails, the sign-in still succeeds',
    ],
    [
      'PW6',
      'Equal passwords have different hashes. The service does not start with weak hash parameters',
    ],
    ['PW7', 'Changing a password requires the present password and ends the other sessions'],
    ['PW8', 'An account without a password cannot sign in by password'],
    [
      'PW10',
      'Requests beyond the hashing capacity are refused at once and do not slow other requests',
    ],
    [
      'PW11',
      'A reset token is short-lived and single-use, is stored hashed, and does not sign anybody in',
      'mail',
    ],
    [
      'PW12',
      'Of two password changes at the same time one succeeds. What follows a verification is written only while the session lives and the verified password is the stored one',
    ],
    [
      'PW13',
      'A request over its budget holds no place in the hash queue. One client address holds at most a quarter of the waiting places',
    ],
    [
      'PW14',
      'A stored hash that is broken, or that would cost too much, is refused like a wrong password and never computed',
    ],
  ],
  'Access tokens': [
    ['JW1', 'Unsigned tokens are refused'],
    ['JW2', 'A token signed with the public key as an HMAC secret is refused'],
    ['JW3', 'Only the configured algorithm is accepted'],
    ['JW4', 'A hostile key id selects no key and causes no request to any server'],
    ['JW5', 'Headers that name keys, critical extensions and repeated claims are refused'],
    ['JW6', 'Issuer and audience must match exactly'],
    [
      'JW7',
      'No other kind of token is accepted as an access token, and an access token is not accepted as another kind',
    ],
    ['JW8', 'The times and the subject must be present, well-formed and within bounds'],
    ['JW9', 'No altered token is accepted with altered claims'],
    ['JW11', 'A long token is refused quickly'],
    ['JW12', 'Keys rotate without a refused token. The key set shows public members only'],
    ['JW13', 'Deletion, deactivation, revocation and a lower role take effect at the next request'],
    [
      'JW15',
      'Only a valid key set replaces or keeps keys. Without keys, tokens cause one fetch at a time and then none for a while',
    ],
  ],
  'Sessions and refresh': [
    [
      'SE1',
      'A refresh gives a new pair of tokens. The old refresh token stops working after the grace period',
    ],
    ['SE2', 'A refresh token used again after the grace period ends its session and is recorded'],
    ['SE3', 'Parallel refreshes of one token give one successor and sign nobody out'],
    [
      'SE4',
      'After a lost reply the same refresh can be repeated within the grace period, but not later',
    ],
    [
      'SE5',
      'A session ends after the idle time and at its absolute end. No refresh moves the absolute end',
    ],
    [
      'SE6',
      'Signing out can be repeated safely. It is confirmed only after the store has confirmed it',
    ],
    ['SE7', 'Ending sessions ends exactly the intended sessions', 'administration'],
    [
      'SE8',
      'Each change of an account ends the sessions that it should end',
      'mail',
      'administration',
    ],
    [
      'SE10',
      'A revoked session stays revoked when processes are killed, stores are flushed, or a server fails over',
      'real servers',
    ],
    ['SE11', 'A refresh works only by POST, with a refresh token in the body'],
    [
      'SE15',
      'An account has at most 50 live sessions, their list is read page by page, and right passwords have a budget',
    ],
    [
      'SE12',
      'A dump of the stores contains nothing that can be presented as a token or code',
      'real servers',
    ],
    [
      'SE14',
      'A code or ticket from before sign out everywhere, a new password, an unlinking or a deactivation opens nothing',
      'mail',
    ],
  ],
  'OAuth sign-in': [
    ['OA1', 'A wrong state is refused before the provider is called'],
    ['OA2', 'A callback without the cookie of its browser is refused'],
    ['OA3', 'An answer of another provider is refused'],
    ['OA4', 'Requests to providers carry a PKCE challenge, state, nonce and scope'],
    ['OA5', 'A callback that arrives twice makes one user, one identity and one code'],
    ['OA6', 'Of many exchanges of one code one succeeds. A later replay ends the session'],
    ['OA7', 'A code is valid for five minutes'],
    ['OA8', 'A wrong exchange spends the code'],
    ['OA9', "The final redirect is worthless without the client's PKCE verifier"],
    ['OA11', 'Redirects must match registered addresses exactly'],
    ['OA12', 'Errors of a provider are mapped to our own problems and never repeated in an answer'],
    [
      'OA13',
      'When a provider is broken, the request is answered in time and the other ways to sign in keep working',
    ],
    ['OA14', 'Hostile answers of a provider are cut off'],
    ['OA15', 'An id_token that fails any check creates no account'],
    ['OA16', 'The algorithm of an id_token is fixed for each provider'],
    [
      'OA17',
      'An unknown key id causes one new fetch of the keys. Cached keys are used while the provider is down',
    ],
    ['OA18', 'An account may exist without an email address. The service invents none'],
    [
      'OA19',
      "If somebody registered another person's address first, they never get that person's provider sign-in",
      'mail',
    ],
    ['OA20', 'An unverified address links no accounts'],
    ['OA21', 'An address links no accounts if the provider is not the authority for it'],
    ['OA22', 'Linking requires a recent sign-in. The last way to sign in cannot be unlinked'],
    ['OA23', 'An identity that the client names is ignored'],
    [
      'OA24',
      'If a provider is switched off or a user is deactivated during the flow, the sign-in is refused',
    ],
    [
      'OA26',
      'Calls to Facebook carry an appsecret_proof, and access tokens from clients are not accepted',
    ],
    ['OA27', 'Picture addresses are checked and never fetched'],
    ['OA28', 'The callback and the redirect leave no trace of codes'],
    ['OA29', "Google's `hd` counts only for an address of exactly that domain"],
    ['OA30', 'Unlinking an identity requires a recent sign-in'],
    [
      'OA31',
      'Sign-ins that one browser starts at once all finish. What cannot go on shows a page with a way back',
    ],
  ],
  'Authorization and administration': [
    ['AZ1', 'For every role, route and owner there is one expected answer'],
    ['AZ2', 'The identity of the caller comes from the token only'],
    ['AZ3', 'Nobody can grant their own rank or a higher one', 'administration'],
    ['AZ4', 'There is always at least one active administrator', 'administration'],
    ['AZ5', "No answer contains a hash, another user's token or an internal field"],
    ['AZ7', 'Limits and cursors outside their range are refused'],
    ['AZ8', 'Malformed ids are refused'],
    ['AZ9', 'Every route is guarded or on the list of public routes'],
    ['AZ10', 'In production, metrics and documents are public only if configured'],
    ['AZ11', 'An update based on an outdated version is refused'],
  ],
  HTTP: [
    ['HH1', 'Other content types and charsets are refused'],
    ['HH2', 'A body over the limit and a compressed body are refused'],
    ['HH3', 'Slow requests end in time and do not slow other requests'],
    ['HH5', 'Only listed origins may read answers'],
    ['HH6', 'Every answer has the security headers and shows no version'],
    ['HH7', 'Personal answers are not stored by caches'],
    ['HH8', 'Browsers can keep the refresh token where scripts cannot read it'],
    ['HH9', 'Other HTTP methods change nothing, method overrides included'],
    ['HH10', 'Requests with ambiguous lengths are refused and the connection is closed'],
    ['HH11', 'A forged host changes no address that the service writes'],
  ],
  'Odd input': [
    ['FZ1', 'Every body that is not a single JSON object is refused'],
    [
      'FZ3',
      'Field names of prototypes (`__proto__`, `constructor`) change no object of the service',
    ],
    ['FZ5', 'No crafted text is slow to check'],
    ['FZ6', 'Hostile texts are stored unchanged or refused, and never run'],
    ['FZ7', 'Requests generated from the OpenAPI document get documented answers'],
    [
      'FZ8',
      'A path counts as it was sent, with one well-formed host. A trailer swallows no request, and unknown methods are answered',
    ],
  ],
  'Leaks and faults': [
    ['LE1', 'A fault in any layer gets a general answer and reveals nothing', 'real servers'],
    ['LE2', 'No refusal repeats what was sent'],
    ['LE3', 'Secrets and addresses appear in no log, metric, trace or audit entry'],
    ['LE5', 'A security event is complete and cannot be changed'],
    ['LE6', 'The number of metric series does not grow with traffic'],
    ['LE7', 'An unhandled rejection is logged, and the request is answered'],
  ],
  'Delivery of events': [
    ['PR1', 'The auditor of the stream raises no alarm without a loss, at any load'],
    ['PR2', 'A rebase of events can be repeated, and is refused while an instance serves'],
    ['PR3', 'A clock that jumps refuses no change and loses no event'],
    [
      'NT1',
      'Each role of NATS can do what its page says and nothing else, reply subjects included',
    ],
  ],
  Configuration: [
    [
      'CF1',
      'A weak, missing or publicly known secret stops a production start. The secret is not printed',
    ],
    ['CF2', 'Embedded parts run in development with a clear warning, and never in production'],
    ['CF3', 'Insecure settings are refused in production'],
    ['CF4', 'The first administrator is made by an explicit command, once'],
    ['CF5', 'Keys and secrets rotate without a failed request'],
    ['CF6', 'Two neighbouring releases can use one schema', 'an earlier release'],
    ['CF7', 'Dependencies have no known serious vulnerability', 'an advisory source'],
    [
      'CF8',
      'Production says how many proxies it trusts. A header of a proxy that is not trusted makes a warning',
    ],
    [
      'CF9',
      'Servers that production reaches without TLS through a network are a warning and fail the doctor, unless they are allowed by name',
    ],
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
