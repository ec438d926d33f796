import type { Brand } from '../shared/ids.ts'
import { codePoints, isPlainText } from '../shared/plain-text.ts'
import type { Result } from '../shared/result.ts'
import { fail, ok } from '../shared/result.ts'

/** A username as its owner writes it, in NFKC. */
export type Username = Brand<'Username'>
/** The case-folded form of a username. Two usernames with the same canonical form are the same username. */
export type CanonicalUsername = Brand<'CanonicalUsername'>
/** The skeleton of a username (UTS #39 §4). Two usernames with the same skeleton look alike. */
export type UsernameSkeleton = Brand<'UsernameSkeleton'>

/** Both in code points of the name in NFKC. */
export const USERNAME_MINIMUM = 3
export const USERNAME_MAXIMUM = 30
/** The characters of a username, before the rules about scripts and reserved names. With the flag u. */
export const USERNAME_PATTERN = '^[\\p{L}\\p{Nd}][\\p{L}\\p{M}\\p{Nd}_.-]*$'

export type UsernameRefusal = 'length' | 'characters' | 'mixed-scripts'

const CHARACTERS = new RegExp(USERNAME_PATTERN, 'u')

// A username uses one script, or one of the combinations that East Asian writing needs (UTS #39 §5.2, "highly restrictive").
const SCRIPTS = [
  'Latin',
  'Greek',
  'Cyrillic',
  'Armenian',
  'Hebrew',
  'Arabic',
  'Devanagari',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Thai',
  'Lao',
  'Tibetan',
  'Myanmar',
  'Georgian',
  'Ethiopic',
  'Khmer',
  'Thaana',
]
const COMBINATIONS = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
]
const WRITING_SYSTEMS = [...SCRIPTS.map((script) => [script]), ...COMBINATIONS].map(
  (scripts) =>
    new RegExp(
      `^[${scripts.map((script) => `\\p{Script_Extensions=${script}}`).join('')}\\p{Script_Extensions=Common}\\p{Script_Extensions=Inherited}]+$`,
      'u',
    ),
)

/** Parses a username. It cannot contain an @, so it never looks like an email address. */
export const parseUsername = (text: string): Result<Username, UsernameRefusal> => {
  if (text.length > USERNAME_MAXIMUM * 4) return fail('length')
  const name = text.normalize('NFKC')
  const length = codePoints(name)
  if (length < USERNAME_MINIMUM || length > USERNAME_MAXIMUM) return fail('length')
  if (!isPlainText(text) || !CHARACTERS.test(name)) return fail('characters')
  if (!WRITING_SYSTEMS.some((system) => system.test(name))) return fail('mixed-scripts')
  return ok(name as Username)
}

/**
 * Folds case completely: through upper case (so that ß equals SS, and ς equals Σ), then NFKC again. Lower case comes
 * first, because the upper case of ẞ is ẞ.
 */
export const canonicalUsername = (text: string): CanonicalUsername =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC') as CanonicalUsername

// Unicode's table of confusables leaves these apart from the letters that they look like: small capitals, and letters with a hook,
// a curl, a stroke or a tail, which have no decomposition.
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  a: 'ᴀⱥᶏ',
  b: 'ʙᴃᵬᶀꞗ',
  c: 'ᴄɕꞓꞔ𝼝',
  d: 'ᴅȡᵭᶁᶑꝺꟈ',
  e: 'ᴇᶒⱸꬳꬴ',
  f: 'ꜰᶂꝼ',
  g: 'ɢʛᵹꞡ',
  h: 'ʜⱨꞕ',
  i: 'ɪᶖ𝼚',
  j: 'ᴊȷɟʄ',
  k: 'ᴋᶄⱪꝁꝃꝅꞣ',
  l: 'ʟᴌȴɬᶅⱡꝉꞎꬷꬸꬹ𝼄𝼑𝼓',
  m: 'ᴍᶆꬺ',
  n: 'ɴᴎɲȵᶇꞑꞥꬻ',
  o: 'ᴏᴐⱺꝍ𝼛',
  p: 'ᴘᵱᶈꝑꝓꝕ',
  q: 'ꞯɋꝗꝙ',
  r: 'ʀᴙɾᵳᶉꞃꞧꭆꭉ𝼖',
  s: 'ꜱȿᶊẜẝꞅꞩꟊ𝼞',
  t: 'ᴛƫʈȶⱦꞇ𝼉',
  u: 'ᴜᶙꞹ',
  v: 'ᴠʋᶌⱱⱴꝟ',
  w: 'ᴡⱳ',
  x: 'ᶍꭖꭗꭘꭙ',
  y: 'ʏ',
  z: 'ᴢɀʑᶎⱬ',
}
const PLAIN_LETTERS = new Map(
  Object.entries(LOOK_ALIKES).flatMap(([plain, letters]) =>
    [...letters].map((letter) => [letter, plain] as const),
  ),
)

/**
 * The letters and digits of a username without what readers overlook: accents, hooks, dots, hyphens, underscores, modifier
 * letters, small capitals. Only for the comparison with reserved names: `josé` and `jose` are two people.
 */
export const withoutDecoration = (name: CanonicalUsername | UsernameSkeleton): CanonicalUsername =>
  [...name.normalize('NFKD').replace(/[^\p{L}\p{N}]|\p{Lm}/gu, '')]
    .map((letter) => PLAIN_LETTERS.get(letter) ?? letter)
    .join('') as CanonicalUsername

/**
 * Usernames that would look like a part of the service, or that a route may need in the future. Nobody can register with
 * one; the owner can give one to an administrator.
 */
export const RESERVED_USERNAMES: readonly string[] = [
  'admin',
  'administrator',
  'root',
  'superuser',
  'sysadmin',
  'system',
  'operator',
  'owner',
  'moderator',
  'staff',
  'official',
  'support',
  'help',
  'helpdesk',
  'security',
  'abuse',
  'postmaster',
  'hostmaster',
  'webmaster',
  'noreply',
  'no-reply',
  'mailer-daemon',
  'info',
  'auth',
  'auth-service',
  'api',
  'oauth',
  'login',
  'logout',
  'register',
  'account',
  'user',
  'users',
  'null',
  'undefined',
  'anonymous',
  'everyone',
  'nobody',
  'test',
  'daemon',
]
