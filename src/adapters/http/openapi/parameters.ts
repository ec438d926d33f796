import { Type } from '@sinclair/typebox'
import type { Parameter } from './operation.ts'

export const LIMIT: Parameter = {
  in: 'query',
  name: 'limit',
  description: 'Most items in one answer',
  schema: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
}

export const cursorNamed = (name: string): Parameter => ({
  in: 'query',
  name,
  description: '`nextCursor` of an earlier answer; opaque',
  schema: Type.String(),
})

export const IF_MATCH: Parameter = {
  in: 'header',
  name: 'If-Match',
  description: 'Entity tags of the versions that the caller accepts, or `*`; weak tags never match',
  schema: Type.String(),
}

export const IDEMPOTENCY_KEY: Parameter = {
  in: 'header',
  name: 'Idempotency-Key',
  description:
    'Makes a repeat safe for 24 hours: the same key with the same body gives the same user and a new session',
  schema: Type.String({ minLength: 1, maxLength: 255, pattern: '^[ -~]+$' }),
}

export const inPath = (name: string, description: string): Parameter => ({
  in: 'path',
  name,
  description,
  schema: Type.String(),
})
