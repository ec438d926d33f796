import { createHash } from 'node:crypto'
import type { Digest } from '../../ports/driven/shared/digest.ts'

export const digest: Digest = (text) => createHash('sha256').update(text).digest('base64url')
