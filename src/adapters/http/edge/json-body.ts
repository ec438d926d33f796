import type { Problem, ProblemCode } from '../problems/problems.ts'
import type { CheckFields } from './exchange.ts'
import { exchangeOf } from './exchange.ts'

const BODY_MAXIMUM_BYTES = 16_384
const BODY_DEADLINE_MILLISECONDS = 15_000

type Limits = { readonly bytes: number; readonly milliseconds: number }
const LIMITS: Limits = { bytes: BODY_MAXIMUM_BYTES, milliseconds: BODY_DEADLINE_MILLISECONDS }

// `charset` is no parameter of application/json (RFC 8259 §11), but many clients send it.
const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset=(?:utf-8|"utf-8")[ \t]*)?$/i

type Context = { readonly request: Request }

/**
 * Elysia's parse hook of every route with a body. It never refuses: what is wrong waits in the exchange until the
 * guard has decided whether the caller may know, and null fails every body schema.
 */
export const parseJson = async ({ request }: Context): Promise<unknown> => {
  const read = await readJson(request, LIMITS)
  return read.ok ? read.value : unreadable(request, read.problem)
}

/**
 * The same where a use case checks the fields of the body, too. When the body does not fit its schema, the answer lists
 * what both have found.
 */
export const parseJsonWith =
  (checkFields: CheckFields) =>
  (context: Context): Promise<unknown> => {
    exchangeOf(context.request).checkFields = checkFields
    return parseJson(context)
  }

/** The same where the body may be left out: then it is an empty object. */
export const parseOptionalJson = async (context: Context): Promise<unknown> => {
  const { request } = context
  if (request.headers.has('content-type')) return parseJson(context)
  // Read to see that it is empty: on some runtimes a request without a body has one of no bytes.
  const nothing = await readBytes(request, { ...LIMITS, bytes: 0 })
  return nothing.ok ? {} : unreadable(request, { code: 'unsupported-media-type' })
}

const unreadable = (request: Request, problem: Problem): null => {
  exchangeOf(request).unreadable = problem
  return null
}

type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem }

const failed = (code: ProblemCode, headers?: Problem['headers']) => {
  const problem: Problem = headers === undefined ? { code } : { code, headers }
  return { ok: false, problem } as const
}

/** Reads a JSON body. If a name is given twice, the last value counts, both for the check and for what is stored. */
export const readJson = async (request: Request, limits: Limits): Promise<Read<unknown>> => {
  const encoding = request.headers.get('content-encoding')
  if (
    !JSON_TYPE.test(request.headers.get('content-type') ?? '') ||
    (encoding !== null && encoding.toLowerCase() !== 'identity')
  )
    return failed('unsupported-media-type')
  const bytes = await readBytes(request, limits)
  return bytes.ok ? parse(bytes.value) : bytes
}

// The rest of the body is not read, so the connection cannot be used again.
const CLOSE = { connection: 'close' }

/** Counts the bytes that arrive. The announced length proves nothing, and not every runtime has a limit. */
const readBytes = async (request: Request, limits: Limits): Promise<Read<Uint8Array>> => {
  if (Number(request.headers.get('content-length')) > limits.bytes)
    return failed('content-too-large', CLOSE)
  if (request.body === null) return { ok: true, value: new Uint8Array() }
  const reader: ByteReader = request.body.getReader()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), limits.milliseconds)
  })
  try {
    return await collect(reader, limits.bytes, late)
  } finally {
    clearTimeout(timer)
  }
}

type ByteReader = Pick<ReadableStreamDefaultReader<Uint8Array>, 'read' | 'cancel'>

const collect = async (
  reader: ByteReader,
  maximum: number,
  late: Promise<'late'>,
): Promise<Read<Uint8Array>> => {
  const chunks: Uint8Array[] = []
  for (let length = 0; ; ) {
    // A sender who goes away in the middle is as late as one who never ends, and no fault of ours.
    const next = await Promise.race([reader.read().catch(() => 'late' as const), late])
    if (next === 'late') return abandon(reader, 'request-timeout')
    if (next.done) return { ok: true, value: joined(chunks, length) }
    length += next.value.byteLength
    if (length > maximum) return abandon(reader, 'content-too-large')
    chunks.push(next.value)
  }
}

const abandon = (reader: ByteReader, code: ProblemCode) => {
  // Not waited for: a stalled sender may never let go. Its failure says no more than we know.
  reader.cancel().catch(() => undefined)
  return failed(code, CLOSE)
}

const joined = (chunks: readonly Uint8Array[], length: number): Uint8Array => {
  const [first] = chunks
  if (first !== undefined && chunks.length === 1) return first
  const whole = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const parse = (bytes: Uint8Array): Read<unknown> => {
  try {
    return { ok: true, value: emptied(JSON.parse(utf8.decode(bytes))) }
  } catch {
    // The parser's own words may quote the body.
    return failed('invalid-json')
  }
}

/** No list of ours may be longer. */
const LONGEST_LIST = 100

/**
 * A copy of the value in which inner objects are empty, and lists keep only texts, numbers and the like, one more than
 * `LONGEST_LIST` at most. A valid body has no more than that. Elysia writes a refused value into its messages. That fails
 * for a value with a `toString` of its own, and takes a second for lists in lists in lists.
 */
const emptied = (value: unknown): unknown =>
  isObject(value) && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, emptyOf(inner)]))
    : emptyOf(value)

const emptyOf = (value: unknown): unknown =>
  Array.isArray(value) ? value.slice(0, LONGEST_LIST + 1).map(hollow) : hollow(value)

const hollow = (value: unknown): unknown => {
  if (Array.isArray(value)) return []
  return isObject(value) ? {} : value
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
