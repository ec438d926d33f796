import type { SigningKeys } from '../../adapters/crypto/signing-keys.ts'
import { generateSigningKey, retire, rotate } from '../../adapters/crypto/signing-keys.ts'
import { operatorEntry } from '../../application/audit/audit-entries.ts'
import { secondsAfter } from '../../domain/shared/instants.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { EXIT } from '../exit-codes.ts'
import type { OwnerCommandNeeds } from './owner-command-needs.ts'

type Needs = Pick<
  OwnerCommandNeeds,
  'keyFile' | 'replaceSigningKeys' | 'accessTokenSeconds' | 'audit' | 'clock'
>

const TOLERANCE_SECONDS = 30

/** The published next key signs from now on, and a fresh one is published as the next. */
export const rotateKeys = async (needs: Needs): Promise<CommandOutcome> => {
  if (needs.keyFile === null) return keptByOperator
  const own = await needs.keyFile.read()
  const hadNext = own.signingKeys.some(({ status }) => status === 'next')
  const signingKeys = rotate(own.signingKeys, generateSigningKey('next'))
  const rotatedAt = hadNext ? needs.clock().toISOString() : own.rotatedAt
  await putToUse(needs, { ...own, signingKeys, rotatedAt })
  return {
    exitCode: EXIT.ok,
    lines: [ROTATED[hadNext ? 'rotated' : 'published'], ...listed(signingKeys)],
  }
}

const ROTATED = {
  rotated: 'Tokens are signed by the next key now; the one before still verifies.',
  published: 'A next key is published; rotate again once everybody has seen it.',
} as const

/** Drops the retired keys, once the last token they signed has expired. */
export const retireKeys = async (needs: Needs): Promise<CommandOutcome> => {
  if (needs.keyFile === null) return keptByOperator
  const own = await needs.keyFile.read()
  const signingKeys = retire(own.signingKeys)
  if (signingKeys.length === own.signingKeys.length)
    return { exitCode: EXIT.ok, lines: ['No key is retired. Nothing was changed.'] }
  const from = lastTokenEnds(own.rotatedAt, needs.accessTokenSeconds)
  if (needs.clock() < from)
    return {
      exitCode: EXIT.failed,
      lines: [
        `Tokens of the retired key may live until ${from.toISOString()}. Nothing was changed.`,
      ],
    }
  await putToUse(needs, { ...own, signingKeys })
  return { exitCode: EXIT.ok, lines: ['Dropped the retired keys.', ...listed(signingKeys)] }
}

const lastTokenEnds = (rotatedAt: string | null, lifetimeSeconds: number): Date =>
  secondsAfter(new Date(rotatedAt ?? 0), lifetimeSeconds + TOLERANCE_SECONDS)

const putToUse = async (
  { keyFile, replaceSigningKeys, audit, clock }: Needs,
  keys: Parameters<NonNullable<Needs['keyFile']>['write']>[0],
): Promise<void> => {
  await keyFile?.write(keys)
  await replaceSigningKeys(keys.signingKeys)
  await audit.append(operatorEntry('keys.changed', { at: clock() }))
}

const listed = (keys: SigningKeys): readonly string[] =>
  keys.map(({ kid, status }) => `  ${status.padEnd(8)}${kid}`)

const keptByOperator: CommandOutcome = {
  exitCode: EXIT.failed,
  lines: ['The service was given its keys by JWT_KEYS: set it for this command as well.'],
}
