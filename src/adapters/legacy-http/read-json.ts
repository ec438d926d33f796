import { Unavailable } from '../../domain/shared/unavailable.ts'

/** A shard of some hundred thousand users fits. */
const LONGEST_BYTES = 64 * 1024 * 1024

/**
 * What is at an address, as JSON; follows no redirect.
 * @throws Unavailable
 */
export const readJson = async (
  url: string,
  headers: Readonly<Record<string, string>>,
  withinMs: number,
): Promise<unknown> => {
  const signal = AbortSignal.timeout(withinMs)
  try {
    const response = await fetch(url, { headers, redirect: 'manual', signal })
    if (response.status !== 200) throw new Unavailable(`Backend answered ${response.status}`)
    return JSON.parse(await readText(response.body))
  } catch (cause) {
    throw cause instanceof Unavailable ? cause : unanswered(cause)
  }
}

const unanswered = (cause: unknown) =>
  new Unavailable('Backend gave no answer that can be read', 1, { cause })

const readText = async (body: ReadableStream<Uint8Array> | null): Promise<string> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > LONGEST_BYTES) throw new Unavailable('Backend answered more than can be read')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
