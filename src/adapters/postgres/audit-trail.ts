import type { AuditTrail } from '../../ports/driven/audit-trail.ts'
import type { Handle } from './database.ts'
import { attempt } from './faults.ts'
import { auditLog } from './tables.ts'

export const makeAuditTrail = (db: Handle, traceId: () => string | null): AuditTrail => ({
  append: async (entry) => {
    await attempt(db.insert(auditLog).values({ ...entry, traceId: traceId() }))
  },
})
