/** What became of one interaction. */
export type Verified = {
  readonly consumer: string
  readonly description: string
  readonly states: readonly string[]
  /** One sentence for each difference from the contract, which names the field; none when the contract is kept. */
  readonly mismatches: readonly string[]
}

/** `errors` are reasons why the verifier could not ask at all, such as a file that cannot be read. */
export type Outcome = {
  readonly verified: readonly Verified[]
  readonly errors: readonly string[]
}

/** Parses the results that the verifier writes; null when the text holds no results. */
export const readOutcome = (text: string): Outcome | null => {
  const results = parse(text)
  if (!Array.isArray(results?.['interactionResults'])) return null
  const verified = list(results['interactionResults']).map(readVerified)
  return { verified, errors: verified.length === 0 ? list(results['errors']).map(readError) : [] }
}

type Fields = Readonly<Record<string, unknown>>

const readVerified = (item: Fields): Verified => ({
  consumer: String(item['consumer']),
  description: String(item['description']),
  states: Array.isArray(item['providerStates']) ? item['providerStates'].map(String) : [],
  mismatches: item['result'] === 'OK' ? [] : mismatchesOf(fields(item['mismatch'])),
})

const mismatchesOf = (mismatch: Fields): readonly string[] => {
  const sentences = list(mismatch['mismatches']).map(sentenceOf)
  return sentences.length > 0 ? sentences : [String(mismatch['message'] ?? 'it was not kept')]
}

const sentenceOf = ({ type, path, key, mismatch }: Fields): string => {
  switch (type) {
    case 'BodyMismatch':
      return `body ${path}: ${mismatch}`
    case 'MetadataMismatch':
    case 'HeaderMismatch':
      return `header ${key}: ${mismatch}`
    default:
      return String(mismatch)
  }
}

const readError = (item: Fields): string =>
  `${item['interaction']}: ${mismatchesOf(fields(item['mismatch'])).join('; ')}`

const parse = (text: string): Fields | null => {
  try {
    return fields(JSON.parse(text))
  } catch {
    return null
  }
}

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? { ...value } : {}

const list = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fields) : [])
