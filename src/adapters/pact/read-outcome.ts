import type { ContractOutcome, VerifiedInteraction } from '../../ports/driven/events/contracts.ts'

/** The results as the verifier writes them; null when the text is none. */
export const readOutcome = (text: string): ContractOutcome | null => {
  const results = parse(text)
  if (!Array.isArray(results?.['interactionResults'])) return null
  const verified = list(results['interactionResults']).map(readVerified)
  return { verified, errors: verified.length === 0 ? list(results['errors']).map(readError) : [] }
}

type Fields = Readonly<Record<string, unknown>>

const readVerified = (item: Fields): VerifiedInteraction => ({
  consumer: String(item['consumer']),
  description: String(item['description']),
  states: Array.isArray(item['providerStates']) ? item['providerStates'].map(String) : [],
  mismatches: item['result'] === 'OK' ? [] : mismatchesOf(fields(item['mismatch'])),
  isPending: item['pending'] === true,
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
