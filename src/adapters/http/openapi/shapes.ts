import { Type } from '@sinclair/typebox'
import { GivenUpShape } from '../events/dead-letter-body.ts'
import { LedgerEntryShape } from '../events/ledger-entry.ts'
import { SyncReportShape } from '../migration/sync-report.ts'
import { SyncStatusShape } from '../migration/sync-status.ts'
import { HealthShape } from '../operations/service-operations.ts'
import {
  ExchangedShape,
  IdentityShape,
  SessionShape,
  SignedInShape,
  TokensShape,
  UserShape,
} from '../representations.ts'

const ProblemShape = Type.Object(
  {
    type: Type.String({ format: 'uri-reference' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Contract; see /problems/<code>' }),
    detail: Type.String(),
    traceId: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object(
          { pointer: Type.String(), detail: Type.String(), code: Type.String() },
          { additionalProperties: false },
        ),
      ),
    ),
  },
  { additionalProperties: false },
)

/** Shapes with a name of their own in the document. */
const NAMED = new Map<unknown, string>([
  [UserShape, 'User'],
  [TokensShape, 'Tokens'],
  [SignedInShape, 'SignedIn'],
  [SessionShape, 'Session'],
  [ExchangedShape, 'Exchanged'],
  [IdentityShape, 'Identity'],
  [LedgerEntryShape, 'LedgerEntry'],
  [SyncStatusShape, 'SyncStatus'],
  [SyncReportShape, 'SyncReport'],
  [GivenUpShape, 'GivenUp'],
  [HealthShape, 'Health'],
  [ProblemShape, 'Problem'],
])

/** A named shape by its name, any other as it is. */
export const reference = (schema: unknown): unknown => {
  const name = NAMED.get(schema)
  return name === undefined ? expand(schema) : { $ref: `#/components/schemas/${name}` }
}

const expand = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(reference)
  if (schema === null || typeof schema !== 'object') return schema
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, reference(value)]))
}

/** The `components.schemas` object. */
export const describeShapes = (): object =>
  Object.fromEntries([...NAMED].map(([shape, name]) => [name, expand(shape)]))
