import type { ClientRequest } from '../../domain/oauth/sign-in-grant.ts'

/**
 * All that a client has to show again beside its code, as one text: whatever of it is wrong spends the code, and the
 * store keeps none of it [OA8, OA9].
 */
export const boundState = ({ state, redirectUri, codeChallenge }: ClientRequest): string =>
  JSON.stringify([state, redirectUri, codeChallenge])
