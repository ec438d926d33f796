import type { Result } from '../../../domain/shared/result.ts'

/** How the schema of the database compares with this version of the service. */
export type SchemaState = 'current' | 'older' | 'newer'

/** The migrations that were applied, in their order; empty when the schema was up to date. */
export type MigrationReport = { readonly applied: readonly string[] }

export type SchemaRefusal =
  | { readonly kind: 'newer-schema' }
  /** The schema is older than the program. Only in production, because elsewhere the service migrates by itself. */
  | { readonly kind: 'older-schema' }
  | { readonly kind: 'no-database'; readonly reason: string }
  /** The database stores text in another encoding than UTF-8. */
  | { readonly kind: 'wrong-encoding'; readonly encoding: string }
  /** The role may not do what is needed here. `reason` is the server's own sentence. */
  | { readonly kind: 'no-rights'; readonly reason: string }
  /** The stored mode calls Backend, and no address of Backend is configured. */
  | { readonly kind: 'no-receiver'; readonly mode: string }

/** Brings the schema up to date, where this process may do that. A refusal has changed nothing. */
export type Migrate = () => Promise<Result<MigrationReport, SchemaRefusal>>
