import type { ProviderSubject } from '../../domain/oauth/provider.ts'
import { ProviderFault } from './provider-fault.ts'

/** @throws ProviderFault for a person without a usable subject: nobody could ever be found by it again. */
export const subjectOf = (person: {
  readonly subject: ProviderSubject | null
}): ProviderSubject => {
  if (person.subject === null)
    throw new ProviderFault('invalid-id-token', 'it names nobody, or not as text')
  return person.subject
}
